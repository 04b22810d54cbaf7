using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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
    // Kestrel remembers twice as many. Its 100 are meant for a stranger's connection.
    private const int MaxStreamsPerConnection = 1_000;

    // Of a client that does not go on sending the stream is reset after all.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Makes room on the connections, which are those of gateways.</summary>
    public static WebApplicationBuilder AddWholeRequests(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection);
        return builder;
    }

    /// <summary>Uses it, around whatever answers.</summary>
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
            // Mostly it is there already, and needs no timer.
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
            // It is larger than Kestrel allows, or it does not come.
        }
    }
}
