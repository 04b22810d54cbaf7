using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using KvAspire.TestKit.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>An OTLP receiver (http/protobuf), which keeps all messages byte for byte.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    /// <summary>The path of each signal.</summary>
    public const string Traces = "/v1/traces", Metrics = "/v1/metrics", Logs = "/v1/logs";

    private readonly ConcurrentQueue<(string Signal, byte[] Bytes)> received = [];
    private WebApplication? server;

    /// <summary>The settings of a service that exports to this receiver without delay.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = null!;

    /// <summary>Starts a receiver on a free loopback port.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        receiver.server = builder.Build();
        receiver.server.Run(receiver.KeepAsync);
        await receiver.server.StartAsync();
        receiver.Settings = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.server.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        };
        return receiver;
    }

    /// <summary>Whether a message of a signal contains these bytes.</summary>
    public bool Has(string signal, ReadOnlySpan<byte> bytes)
    {
        foreach (var message in received)
        {
            if (message.Signal == signal && message.Bytes.AsSpan().IndexOf(bytes) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether a message of a signal contains this text.</summary>
    public bool Has(string signal, string text) => Has(signal, Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a message of a signal contains this trace id.</summary>
    public bool HasTrace(string signal, string traceId) => Has(signal, Convert.FromHexString(traceId));

    /// <summary>All spans so far, but for those of the first <paramref name="except"/> messages of traces.</summary>
    public IReadOnlyList<OtlpSpan> Spans(int except = 0) =>
        [.. received.Where(message => message.Signal is Traces).Skip(except).SelectMany(message => OtlpTraces.Read(message.Bytes))];

    /// <summary>The spans of a trace so far.</summary>
    public IReadOnlyList<OtlpSpan> Spans(string traceId) => Spans(Convert.FromHexString(traceId), span => span.TraceId == traceId);

    /// <summary>The spans so far that have a text in a name or an attribute. Only messages with the text are read.</summary>
    public IReadOnlyList<OtlpSpan> SpansWith(string text) =>
        Spans(Encoding.UTF8.GetBytes(text), span => span.Name == text || span.Attributes.Values.Contains(text));

    private List<OtlpSpan> Spans(byte[] bytes, Func<OtlpSpan, bool> areMeant) =>
    [
        .. received
            .Where(message => message.Signal is Traces && message.Bytes.AsSpan().IndexOf(bytes) >= 0)
            .SelectMany(message => OtlpTraces.Read(message.Bytes)).Where(areMeant),
    ];

    /// <summary>Waits for the spans of a trace, until a condition is true.</summary>
    public async Task<IReadOnlyList<OtlpSpan>> SpansAsync(
        string traceId, Func<IReadOnlyList<OtlpSpan>, bool> areAll, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50, cancellationToken))
        {
            if (Spans(traceId) is var spans && areAll(spans))
                return spans;

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"Spans of {traceId}:\n{string.Join('\n', spans)}");
        }
    }

    /// <summary>Waits until a condition is true.</summary>
    public async Task WaitUntilAsync(Func<OtlpReceiver, bool> claim, string otherwise, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!claim(this))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), otherwise);
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>The number of messages of a signal.</summary>
    public int Count(string signal) => received.Count(message => message.Signal == signal);

    /// <summary>The received texts that are one of these words or look like a secret.</summary>
    public IReadOnlyList<string> Findings(params IReadOnlyList<string> words)
    {
        var secretsIn = Secrets.OrAnyOf([.. words.Select(word => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(word)))]);
        return [.. received.SelectMany(message => secretsIn(Encoding.Latin1.GetString(message.Bytes))).Distinct().Take(10)];
    }

    /// <summary>Asserts that no message contains one of these words.</summary>
    public void AssertNowhere(params IEnumerable<string> words)
    {
        foreach (var word in words)
            Assert.DoesNotContain(new[] { Traces, Metrics, Logs }, signal => Has(signal, word));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private async Task KeepAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        received.Enqueue((context.Request.Path.ToString(), body.ToArray()));
    }
}
