using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Polly.Timeout;

namespace KvAspire.TokenChecking;

/// <summary>
/// The keys that Identity publishes as a JWK set (RFC 7517). They are fetched for the first token, when the revocation feed
/// reports new keys, and when a token names an unknown key.
/// </summary>
internal sealed partial class PublishedKeys(IHttpClientFactory clients, TimeProvider clock, ILogger<PublishedKeys> logger)
    : ITokenKeySource, IDisposable
{
    // Bounds the requests that forged tokens with unknown keys can cause. After a failure, requests within this time share the
    // failure instead of repeating it one by one.
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient client = clients.CreateClient(nameof(PublishedKeys));
    private readonly SemaphoreSlim turn = new(1);
    private volatile TokenKeySet? known;
    private readonly RepeatedFailure failure = new(clock);
    private TokenKeysUnavailableException? lastFailure;
    private long? lastAsked;

    public TokenKeySet? Known => known;

    public async ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken) =>
        known ?? await AskAsync(stale: null, cancellationToken) ?? throw lastFailure ?? new TokenKeysUnavailableException(null);

    public async ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken) =>
        await AskAsync(stale, cancellationToken) ?? stale;

    public void Dispose() => turn.Dispose();

    private async Task<TokenKeySet?> AskAsync(TokenKeySet? stale, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (known != stale || (lastAsked is { } asked && clock.GetElapsedTime(asked) < MinInterval))
                return known;

            known = await FetchAsync();
            lastFailure = null;
            failure.Succeeded();
            return known;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or ArgumentException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (failure.Failed())
                Log.NotFetched(logger, exception.Message);
            lastFailure = new(exception);
            return known;
        }
        finally
        {
            turn.Release();
        }
    }

    // Not cancelled by the request that came first: others wait for the same keys.
    private async Task<TokenKeySet> FetchAsync()
    {
        try
        {
            var document = await client.GetStringAsync("/.well-known/jwks.json", CancellationToken.None);
            var keys = new TokenKeySet(new JsonWebKeySet(document).GetSigningKeys());
            return known is { } same && same.Version == keys.Version ? same : keys;
        }
        finally
        {
            lastAsked = clock.GetTimestamp();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SigningKeysNotFetched, LogLevel.Warning, "The signing keys could not be fetched from the identity service: {Reason}", EventName = nameof(EventIds.SigningKeysNotFetched))]
        public static partial void NotFetched(ILogger logger, string reason);
    }
}
