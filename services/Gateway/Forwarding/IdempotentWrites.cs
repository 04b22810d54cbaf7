using KvAspire.Gateway.Edge.Framing;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Writes with an <c>Idempotency-Key</c>. The service does each once, so <see cref="ReplicaFailover"/> may send it again. For
/// that the gateway buffers the body if its <c>Content-Length</c> is short. The forwarder buffers no other body.
/// </summary>
internal static class IdempotentWrites
{
    private const string Key = "Idempotency-Key";

    // 64 MiB for two services with 128 concurrent requests each.
    private const int MaxBufferedBytes = 256 * 1024;

    public static void UseIdempotentWrites(this IApplicationBuilder pipeline) => pipeline.Use((context, next) =>
    {
        if (context.Request.ContentLength is > 0 and <= MaxBufferedBytes and var length && HasKey(context.Request))
            context.Request.EnableBuffering(bufferThreshold: (int)length, bufferLimit: length);
        return next(context);
    });

    public static bool HasKey(HttpRequest request) => request.Headers.ContainsKey(Key);

    /// <summary>
    /// Rewinds a request's body if it can be sent again. A body may have been read even if no connection was made now: an earlier
    /// connection may have broken.
    /// </summary>
    public static bool TryRewind(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return true;
        if (!request.Body.CanSeek)
            return request.Body is LimitedBody { HasBeenRead: false };

        request.Body.Position = 0;
        return true;
    }
}
