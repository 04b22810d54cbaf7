using KvAspire.Data.Changes.Log;
using KvAspire.Data.Listing;
using KvAspire.ServiceDefaults.Health;
using KvAspire.TokenChecking;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Watch;

/// <summary>Answers with a stream of changes, and frees the place of the watch at the end.</summary>
internal sealed class WatchResult(WatchedOwner owner, KeyRange keys, long position) : IResult
{
    // Clients reconnect now and then anyway, and a timer cannot be set for months.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

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
        response.Headers["X-Accel-Buffering"] = "no"; // keeps proxies from buffering events
        try
        {
            await new WatchStream(
                response, owner, keys, () => IsAllowed(token, revoked), services.GetRequiredService<ChangeLog>(),
                services.GetRequiredService<IOptions<WatchOptions>>().Value, services.GetRequiredService<WatchMetrics>(), time).RunAsync(position, ended.Token);
        }
        catch (OperationCanceledException)
        {
            httpContext.Abort(); // an event may be truncated: the client must not take it for complete
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
