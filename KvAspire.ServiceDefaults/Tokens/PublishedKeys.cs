using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// The keys that Identity publishes as a JWK set (RFC 7517). They are fetched when the first token comes, when the feed of
/// revocations says that they have changed, and when a token names an unknown key.
/// </summary>
internal sealed partial class PublishedKeys(IdentityAddresses identity, TimeProvider clock, ILogger<PublishedKeys> logger)
    : ITokenKeySource, IDisposable
{
    // How soon again a token with an unknown key may make a service ask, so that forged ones cannot make it ask at will.
    // The same for a failure: those who come meanwhile get it as well, instead of waiting in line to meet their own.
    private static readonly TimeSpan AskAtMostEvery = TimeSpan.FromSeconds(1);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    private readonly SemaphoreSlim turn = new(1);
    private volatile TokenKeySet? known;
    private TokenKeysUnavailableException? lastFailure;
    private long? lastAsked;

    /// <inheritdoc/>
    public TokenKeySet? Known => known;

    /// <inheritdoc/>
    public async ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken) =>
        known ?? await AskAsync(stale: null, cancellationToken) ?? throw lastFailure ?? new TokenKeysUnavailableException(null);

    /// <inheritdoc/>
    public async ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken) =>
        await AskAsync(stale, cancellationToken) ?? stale;

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<TokenKeySet?> AskAsync(TokenKeySet? stale, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (known != stale || (lastAsked is { } asked && clock.GetElapsedTime(asked) < AskAtMostEvery))
                return known;

            return known = await identity.TryEachAsync(FetchAsync, CancellationToken.None);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ArgumentException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lastFailure = new(exception);
            Log.NotFetched(logger, exception.Message);
            return known;
        }
        finally
        {
            turn.Release();
        }
    }

    // On nobody's behalf: who asked first may leave, and the others still want the keys.
    private async Task<TokenKeySet> FetchAsync(Uri replica)
    {
        try
        {
            var document = await Client.GetStringAsync(new Uri(replica, ".well-known/jwks.json"), CancellationToken.None);
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
        [LoggerMessage(3001, LogLevel.Warning, "The signing keys could not be fetched from the identity service: {Reason}")]
        public static partial void NotFetched(ILogger logger, string reason);
    }
}
