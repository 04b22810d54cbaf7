using System.Net;
using System.Text.Json.Serialization;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.ApiKeys;

/// <summary>
/// Exchanges API keys at Identity for access tokens that live a few minutes, and keeps those. What Identity refused is
/// kept for some seconds, apart, so that garbage neither costs a call each time nor pushes what is valid out.
/// </summary>
internal sealed class ApiKeyExchange(IdentityAddresses identity, CheckedTokens tokens, TimeProvider clock) : IDisposable
{
    private const int Kept = 10_000, RefusalsKept = 10_000, AtOnce = 16;

    // The feed of revocations ends a revoked key's token at once; a key that is refused today is hardly ever valid tomorrow.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    // A token is renewed a little before it expires, so that it does not expire on its way to the service.
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WaitForTurn = TimeSpan.FromSeconds(2);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = TimeSpan.FromSeconds(3),
        MaxResponseContentBufferSize = 64 * 1024,
    };

    private readonly TokenCache<Exchanged> exchanged = new(Kept);
    private readonly TokenCache<Exchanged> refused = new(RefusalsKept);

    // Whatever is thrown at the gateway, Identity is asked so many times at once at most.
    private readonly SemaphoreSlim turns = new(AtOnce);

    /// <summary>The outcome, if it is known already.</summary>
    public Exchanged? Find(string key)
    {
        var now = clock.GetTimestamp();
        // Its token may have been ended with all others of its user, and the key be as good as ever.
        return exchanged.Find(key) is { } token && now < token.GoodUntil && !tokens.HasEnded(token.AccessToken!) ? token
            : refused.Find(key) is { } refusal && now < refusal.GoodUntil ? refusal
            : null;
    }

    /// <summary>Asks Identity.</summary>
    /// <returns>The outcome; null where Identity cannot be asked now.</returns>
    public async Task<Exchanged?> AskAsync(string key, CancellationToken cancellationToken)
    {
        if (!await turns.WaitAsync(WaitForTurn, cancellationToken))
            return null;

        try
        {
            if (Find(key) is { } meanwhile)
                return meanwhile;

            var outcome = await identity.TryEachAsync(replica => AskAsync(replica, key, cancellationToken), cancellationToken);
            (outcome.AccessToken is null ? refused : exchanged).Keep(key, outcome);
            return outcome;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<Exchanged> AskAsync(Uri replica, string key, CancellationToken cancellationToken)
    {
        using var response = await Client.PostAsJsonAsync(
            new Uri(replica, "internal/api-keys/exchange"), new Dictionary<string, string> { ["api_key"] = key }, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized)
            return new(null, After(RefusedFor));

        response.EnsureSuccessStatusCode();
        var token = await response.Content.ReadFromJsonAsync<Answer>(cancellationToken)
            ?? throw new HttpRequestException("The answer is empty.");
        var lifetime = TimeSpan.FromSeconds(token.ExpiresIn);
        return new(token.AccessToken, After(lifetime > RenewBefore * 2 ? lifetime - RenewBefore : lifetime / 2));
    }

    private long After(TimeSpan time) => clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);

    private sealed record Answer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>What became of an exchange.</summary>
/// <param name="AccessToken">What the key stands for; null where it was refused.</param>
/// <param name="GoodUntil">The timestamp until which Identity need not be asked again.</param>
internal sealed record Exchanged(string? AccessToken, long GoodUntil);
