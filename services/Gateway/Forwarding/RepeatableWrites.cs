using KvAspire.Gateway.Limits;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Writes with an <c>Idempotency-Key</c>: the service does them once, however often they are brought to it, and so they may be
/// sent again. For that the body is kept, of those that announce a short one; nothing else is ever buffered.
/// </summary>
internal static class RepeatableWrites
{
    private const string Key = "Idempotency-Key";

    // With as many at once as a service is given, 64 MiB.
    private const int MaxKeptBytes = 256 * 1024;

    /// <summary>Keeps what would have to be sent again.</summary>
    public static void UseRepeatableWrites(this IApplicationBuilder pipeline) => pipeline.Use((context, next) =>
    {
        if (context.Request.ContentLength is > 0 and <= MaxKeptBytes and var length && Are(context.Request))
            context.Request.EnableBuffering(bufferThreshold: (int)length, bufferLimit: length);
        return next(context);
    });

    /// <summary>Whether a request is one of them.</summary>
    public static bool Are(HttpRequest request) => request.Headers.ContainsKey(Key);

    /// <summary>
    /// Makes a request's body what it was before it was forwarded, if that can be. Also one that reached nobody may have been read:
    /// for a connection that broke, before another one could not be made.
    /// </summary>
    public static bool TryRewind(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return true;
        if (!request.Body.CanSeek)
            return request.Body is CountedBody { IsTouched: false };

        request.Body.Position = 0;
        return true;
    }
}
