using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.Gateway.Tests.Edge;

namespace KvAspire.Gateway.Tests;

public sealed class TraceTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task One_request_is_one_trace_from_the_gateway_to_the_service()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        await client.GetStringAsync(path, TestContext.Current.CancellationToken);

        var traceparent = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers["traceparent"].Split('-');
        var span = await SpanAsync(ended, traceparent[1]);
        Assert.NotEqual(span.SpanId.ToHexString(), traceparent[2]); // the call to the service is a span of its own
        Assert.Equal("01", traceparent[3]);
        Assert.Equal("GET /api/data/{**key}", span.DisplayName);
        Assert.Equal("/api/data/{**key}", span.GetTagItem("http.route"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
    }

    [Fact]
    public async Task A_trace_that_the_client_began_goes_on()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        await client.GetStringAsync(path, TestContext.Current.CancellationToken);

        var arrived = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers["traceparent"];
        Assert.StartsWith($"00-{trace}-", arrived);
    }

    // The span ends a moment after the client has its answer.
    private static async Task<Activity> SpanAsync(IEnumerable<Activity> ended, string trace)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (ended.FirstOrDefault(activity => activity.TraceId.ToHexString() == trace
                && activity.GetTagItem("http.route") is not null) is { } span)
            {
                return span;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), "no span");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
