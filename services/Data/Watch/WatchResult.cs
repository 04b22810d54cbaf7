using System.Globalization;
using System.Security.Claims;
using KvAspire.Data.Listing;
using KvAspire.Data.Revisions;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Watch;

/// <summary>A stream of changes as an answer. It has a place among the watches, and gives it back at its end.</summary>
internal sealed class WatchResult(WatchedOwner owner, KeyRange keys, long position) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        using var expiry = Expiry(httpContext.User, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, expiry.Token, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);

        var revoked = services.GetService<RevocationList>();
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // for proxies that would collect events
        try
        {
            await new WatchStream(
                response, owner, keys, () => IsAllowed(httpContext.User, revoked), services.GetRequiredService<ChangeLog>(),
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

    private static bool IsAllowed(ClaimsPrincipal user, RevocationList? revoked) =>
        revoked?.Covers(user.FindFirst("jti")?.Value ?? "", user.FindFirst("sid")?.Value, user.Identity!.Name!, Number(user, "iat")) is not true;

    private static long Number(ClaimsPrincipal user, string claim) =>
        long.TryParse(user.FindFirst(claim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static CancellationTokenSource Expiry(ClaimsPrincipal user, TimeProvider time)
    {
        var expiry = DateTimeOffset.FromUnixTimeSeconds(Number(user, "exp"));
        var left = expiry - time.GetUtcNow();
        return new(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
    }
}
