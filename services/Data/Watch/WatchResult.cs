using System.Globalization;
using System.Security.Claims;
using KvAspire.Data.Listing;
using KvAspire.Data.Revisions;
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

        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // for proxies that would collect events
        try
        {
            await new WatchStream(
                response, owner, keys, static () => true, services.GetRequiredService<ChangeLog>(),
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

    private static CancellationTokenSource Expiry(ClaimsPrincipal user, TimeProvider time)
    {
        var expiry = long.TryParse(user.FindFirst("exp")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : time.GetUtcNow();
        var left = expiry - time.GetUtcNow();
        return new(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
    }
}
