using System.Net;
using System.Text.Json.Serialization;
using KvAspire.TokenChecking;
using Polly.Timeout;

namespace KvAspire.Gateway.Admission.ApiKeys;

/// <summary>
/// Exchanges API keys for access tokens at Identity, and caches the tokens, which live a few minutes. Refusals have a cache of
/// their own: a flood of invalid keys neither calls Identity each time nor evicts valid keys.
/// </summary>
internal sealed class ApiKeyExchange(IHttpClientFactory clients, CheckedTokens tokens, TimeProvider clock) : IDisposable
{
    private const int MaxCached = 10_000, MaxConcurrent = 16;

    // An invalid key hardly ever becomes valid. The revocation feed ends the tokens of revoked keys.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    // Early enough that a token does not expire on its way to the service.
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    /// <summary>The time limit for one replica of Identity.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly HttpClient client = clients.CreateClient(nameof(ApiKeyExchange));
    private readonly TokenCache<ExchangeOutcome> exchanged = new(MaxCached);
    private readonly TokenCache<ExchangeOutcome> refused = new(MaxCached);

    // Protects Identity from a flood of unknown keys.
    private readonly SemaphoreSlim turns = new(MaxConcurrent);

    /// <summary>Finds a cached outcome.</summary>
    public ExchangeOutcome? Find(string key)
    {
        var now = clock.GetTimestamp();
        // A revocation of all the user's tokens ends the cached token, but not the key.
        return exchanged.Find(key) is { } token && now < token.GoodUntil && !tokens.HasEnded(token.AccessToken!) ? token
            : refused.Find(key) is { } refusal && now < refusal.GoodUntil ? refusal
            : null;
    }

    /// <summary>Exchanges a key at Identity.</summary>
    /// <returns>Null if Identity is unavailable or busy.</returns>
    public async Task<ExchangeOutcome?> ExchangeAsync(string key, CancellationToken cancellationToken)
    {
        if (!await turns.WaitAsync(MaxWait, cancellationToken))
            return null;

        try
        {
            if (Find(key) is { } meanwhile)
                return meanwhile;

            var outcome = await AskIdentityAsync(key, cancellationToken);
            (outcome.AccessToken is null ? refused : exchanged).Keep(key, outcome);
            return outcome;
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutRejectedException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            turns.Release();
        }
    }

    public void Dispose() => turns.Dispose();

    private async Task<ExchangeOutcome> AskIdentityAsync(string key, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync(
            "/internal/api-keys/exchange", new Dictionary<string, string> { ["api_key"] = key }, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized)
            return new(null, After(RefusedFor));

        response.EnsureSuccessStatusCode();
        var token = await response.Content.ReadFromJsonAsync<TokenResponse>(cancellationToken)
            ?? throw new HttpRequestException("The answer is empty.");
        var lifetime = TimeSpan.FromSeconds(token.ExpiresIn);
        return new(token.AccessToken, After(lifetime > RenewBefore * 2 ? lifetime - RenewBefore : lifetime / 2));
    }

    private long After(TimeSpan time) => clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);

    private sealed record TokenResponse(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <param name="AccessToken">The access token; null if Identity refused the key.</param>
/// <param name="GoodUntil">The timestamp until which the outcome may be cached.</param>
internal sealed record ExchangeOutcome(string? AccessToken, long GoodUntil);
