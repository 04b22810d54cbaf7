using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.GatewayProtocol;

namespace KvAspire.Gateway.Tests;

/// <summary>Batches in traces. The listener records every request of this process while a test runs.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class BatchTraceTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Activity> ended = [];
    private readonly BatchingWorld world = new(ReadRequests.Path);
    private readonly ActivityListener listener;

    public BatchTraceTests()
    {
        listener = new()
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" || source.Name.StartsWith("KvAspire", StringComparison.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => world.StartAsync();

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await world.DisposeAsync();
    }

    [Fact]
    public async Task A_read_that_goes_alone_is_one_trace_from_the_gateway_through_its_batch_to_the_service()
    {
        await using var gateway = world.Gateway().Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await client.GetAsync("/api/data/k1", Cancelled);

        var traceparent = Assert.Single(world.Data.Arrivals, arrival => arrival.Target == ReadRequests.Path).Headers["traceparent"].Split('-');
        var trace = ActivityTraceId.CreateFromString(traceparent[1]);
        var request = await SpanAsync(span => span.TraceId == trace && span.DisplayName == "GET /api/data/{key}");
        var batch = await SpanAsync(span => span.TraceId == trace && span.DisplayName == "batch of reads");
        Assert.Equal(request.SpanId, batch.ParentSpanId);
        Assert.Equal(1, batch.GetTagItem("kvaspire.batch.size"));
        Assert.Empty(batch.Links);
        Assert.Equal("01", traceparent[3]);
    }

    [Fact]
    public async Task Requests_that_share_a_batch_are_linked_to_its_span()
    {
        var release = new TaskCompletionSource();
        world.Data.Answer = async context =>
        {
            await release.Task.WaitAsync(TimeSpan.FromSeconds(10), context.RequestAborted);
            await BatchingService.AnswerAsync(context);
        };
        await using var gateway = world.Gateway().Start();
        var known = world.KnownClientAsync(gateway);
        release.SetResult();
        using var client = await known;
        release = new();
        var first = client.GetAsync("/api/data/first", Cancelled);
        while (world.Batches == 0)
            await Task.Delay(10, Cancelled);

        // The lane sends these when the first batch is back. Until then they wait together.
        var others = Enumerable.Range(0, 8).Select(i => client.GetAsync($"/api/data/k{i}", Cancelled)).ToArray();
        await Task.Delay(300, Cancelled);
        release.SetResult();
        foreach (var answer in await Task.WhenAll([first, .. others]))
            answer.Dispose();

        var batch = await SpanAsync(span => span.DisplayName == "batch of reads" && span.Links.Any());
        var size = Assert.IsType<int>(batch.GetTagItem("kvaspire.batch.size"));
        Assert.Equal(size - 1, batch.Links.Count());
        foreach (var link in batch.Links)
        {
            var request = await SpanAsync(span => span.SpanId == link.Context.SpanId);
            Assert.Equal(batch.SpanId, Assert.Single(request.Links).Context.SpanId);
        }
    }

    // A span ends a moment after the client has its answer.
    private async Task<Activity> SpanAsync(Func<Activity, bool> isMeant)
    {
        for (var i = 0; i < 500; i++)
        {
            if (ended.FirstOrDefault(isMeant) is { } span)
                return span;
            await Task.Delay(20, Cancelled);
        }

        throw new TimeoutException("There is no such span.");
    }
}
