using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// Over HTTP/2, reads on to the end of a request that was answered before, as Kestrel does over HTTP/1.1. Kestrel would
/// reset the stream instead (RFC 9113, section 8.1) and remember it for seconds; with some hundred of these on a connection
/// it resets any that comes (ENHANCE_YOUR_CALM). Behind a gateway the connection is that of all clients, so that one who
/// sends bodies that nobody wants to read would have requests of the others refused.
/// </summary>
public static class WholeRequests
{
    /// <summary>Uses it, around whatever answers.</summary>
    public static void UseWholeRequests(this WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            await ReadOnAsync(context);
    });

    // The answer is on its way; its end is sent after this. Kestrel bounds the size, and whoever sends it the time.
    private static async Task ReadOnAsync(HttpContext context)
    {
        try
        {
            var reader = context.Request.BodyReader;
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It is larger than Kestrel allows, or nobody is there any more.
        }
    }
}
