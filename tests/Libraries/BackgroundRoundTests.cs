using System.Diagnostics;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

[Collection(nameof(Alone))]
public sealed class BackgroundRoundTests : IAsyncLifetime
{
    private OtlpReceiver receiver = null!;
    private SmallService service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        receiver = await OtlpReceiver.StartAsync();
        service = await SmallService.StartAsync(receiver.Settings.Append(new("Telemetry:TracesPerSecond", "0")).ToDictionary());
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_round_that_did_nothing_leaves_no_span_here_nor_in_the_service_that_it_called()
    {
        using (var round = BackgroundRound.Begin("kvaspire.nothing"))
        {
            await service.Client.GetAsync("/fine/x", Cancelled);
            round.Did("kvaspire.things", 0);
        }

        Marker();
        Assert.Equal("kvaspire.marker", Assert.Single(await SpansAsync()).Name);
    }

    [Fact]
    public async Task A_round_that_did_something_is_one_span_with_its_duration_and_what_it_did()
    {
        var clock = Stopwatch.StartNew();
        using (var round = BackgroundRound.Begin("kvaspire.something"))
        {
            await service.Client.GetAsync("/fine/x", Cancelled);
            await Task.Delay(100, Cancelled);
            round.Did("kvaspire.things", 2);
            round.Did("kvaspire.things", 3);
        }

        Marker();
        var span = Assert.Single(await SpansAsync(), span => span.Name != "kvaspire.marker");
        Assert.Equal(("kvaspire.something", "5", "", ActivityKind.Internal), (span.Name, span["kvaspire.things"], span.ParentId, span.Kind));
        Assert.InRange((span.End - span.Start) / 1e6, 100, clock.Elapsed.TotalMilliseconds);
    }

    [Fact]
    public async Task Work_that_a_round_found_is_a_trace_with_what_it_called_and_a_link_to_its_cause()
    {
        var cause = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        using (BackgroundRound.Begin("kvaspire.look"))
        {
            using (BackgroundRound.Found("kvaspire.step", cause))
                await service.Client.GetAsync("/fine/x", Cancelled);
        }

        Marker();
        var spans = (await SpansAsync()).Where(span => span.Name != "kvaspire.marker").ToList();
        var step = Assert.Single(spans, span => span.Name == "kvaspire.step");
        var link = Assert.Single(step.Links);
        Assert.Equal(("", cause.TraceId.ToHexString(), cause.SpanId.ToHexString()), (step.ParentId, link.TraceId, link.SpanId));
        var call = Assert.Single(spans, span => span.ParentId == step.SpanId);
        Assert.Equal("GET /fine/{secret}", Assert.Single(spans, span => span.ParentId == call.SpanId).Name);
        Assert.Equal(3, spans.Count);
    }

    // What was exported before it has arrived.
    private static void Marker()
    {
        using var round = BackgroundRound.Begin("kvaspire.marker");
        round.Did("kvaspire.things", 1);
    }

    private async Task<IReadOnlyList<TestKit.Otlp.OtlpSpan>> SpansAsync()
    {
        await receiver.WaitUntilAsync(sent => sent.Spans().Any(span => span.Name == "kvaspire.marker"), "no span", Cancelled);
        await Task.Delay(300, Cancelled); // a server's span ends after its client's
        return receiver.Spans();
    }
}
