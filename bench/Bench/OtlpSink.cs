using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace KvAspire.Bench;

/// <summary>An OTLP endpoint (http/protobuf) that reads what it gets and keeps nothing.</summary>
internal sealed class OtlpSink(WebApplication server) : IAsyncDisposable
{
    private int messages;

    /// <summary>An address where nothing listens: the discard port of RFC 863.</summary>
    public static Uri Nobody { get; } = new("http://127.0.0.1:9");

    public Uri Address => new(server.Urls.Single());

    /// <summary>How many messages came.</summary>
    public int Messages => Volatile.Read(ref messages);

    /// <param name="answers">False for an endpoint that accepts and never answers.</param>
    public static async Task<OtlpSink> StartAsync(bool answers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var sink = new OtlpSink(builder.Build());
        sink.Take(answers);
        await sink.StartAsync();
        return sink;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private Task StartAsync() => server.StartAsync();

    private void Take(bool answers) => server.Run(async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        Interlocked.Increment(ref messages);
        if (!answers)
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    });
}
