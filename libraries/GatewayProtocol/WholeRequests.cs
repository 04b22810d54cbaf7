using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.GatewayProtocol;

/// <summary>
/// Reads an HTTP/2 request to its end also where the answer came first, as Kestrel does over HTTP/1.1. Otherwise Kestrel resets
/// the stream (RFC 9113, section 8.1) and remembers it for seconds. After some hundred of these on one connection Kestrel resets
/// every new stream (ENHANCE_YOUR_CALM). A gateway's connection carries all clients, so that one client's unread bodies would
/// have the requests of the others refused.
/// </summary>
public static class WholeRequests
{
    // Kestrel remembers twice as many. Its 100 are meant for a stranger's connection.
    private const int MaxStreamsPerConnection = 1_000;

    // After this time without the end, Kestrel resets the stream after all.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Allows more streams on a connection, since gateways share it among clients.</summary>
    public static WebApplicationBuilder AddWholeRequests(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection);
        return builder;
    }

    /// <summary>Reads requests to their end after the rest of the pipeline.</summary>
    public static void UseWholeRequests(this WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            await ReadOnAsync(context);
    });

    // The answer is on its way; its end is sent after this. Kestrel bounds the size.
    private static async Task ReadOnAsync(HttpContext context)
    {
        try
        {
            // Usually the end has arrived already, and needs no timer.
            var reader = context.Request.BodyReader;
            if (reader.TryRead(out var read))
            {
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            patience.CancelAfter(Patience);
            do
            {
                read = await reader.ReadAsync(patience.Token);
                reader.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The body is larger than Kestrel allows, or its end does not come.
        }
    }
}
