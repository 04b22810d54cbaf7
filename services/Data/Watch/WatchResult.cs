using KvAspire.Data.Listing;
using KvAspire.Data.Revisions;
using KvAspire.ServiceDefaults.Health;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Watch;

/// <summary>A stream of changes as an answer. It has a place among the watches, and gives it back at its end.</summary>
internal sealed class WatchResult(WatchedOwner owner, KeyRange keys, long position) : IResult
{
    // A client reconnects now and then anyway; and a timer cannot be set for months.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        var token = httpContext.User.Token;
        using var expiry = Expiry(token, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, expiry.Token, services.GetRequiredService<LastCall>().Token);

        var revoked = services.GetRequiredService<RevocationList>();
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // for proxies that would collect events
        try
        {
            await new WatchStream(
                response, owner, keys, () => IsAllowed(token, revoked), services.GetRequiredService<ChangeLog>(),
                services.GetRequiredService<IOptions<WatchOptions>>().Value, time).RunAsync(position, ended.Token);
        }
        catch (OperationCanceledException)
        {
            httpContext.Abort(); // an event may be cut in two: the client must not take it for a whole one
        }
        finally
        {
            services.GetRequiredService<WatchedOwners>().Leave(owner);
        }
    }

    private static bool IsAllowed(AccessTokenIdentity token, RevocationList revoked) =>
        !revoked.Covers(token.TokenId, token.SessionId, token.Subject, token.IssuedAt);

    private static CancellationTokenSource Expiry(AccessTokenIdentity token, TimeProvider time)
    {
        var left = DateTimeOffset.FromUnixTimeSeconds(token.ExpiresAt) - time.GetUtcNow();
        return new(left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest, time);
    }
}
