using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;

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
        Assert.NotEqual(span.SpanId.ToHexString(), traceparent[2]); // the call to the service has its own span
        Assert.Equal("01", traceparent[3]);
        Assert.Equal("GET /api/data/{key}", span.DisplayName);
        Assert.Equal("/api/data/{key}", span.GetTagItem("http.route"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true, "1.1")]
    [InlineData("127.0.0.0/8", true, "2.0")]
    [InlineData("10.0.0.0/8", false, "1.1")]
    [InlineData("10.0.0.0/8", false, "2.0")]
    [InlineData(null, false, "1.1")]
    [InlineData(null, false, "2.0")]
    public async Task A_trace_continues_if_the_network_is_trusted_and_is_dropped_otherwise(
        string? trusted, bool goesOn, string version)
    {
        await using var gateway = new GatewayUnderTest().With("TrustedNetworks:0", trusted).With("Kestrel:Endpoints:http:Protocols", version == "2.0" ? "Http2" : "Http1")
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address).Start();
        using var client = gateway.Client(running.Issuer.Issue("user"));
        (client.DefaultRequestVersion, client.DefaultVersionPolicy) = (new Version(version), HttpVersionPolicy.RequestVersionExact);
        for (var i = 0; i < 3; i++) // on one connection
        {
            var (trace, path) = (ActivityTraceId.CreateRandom().ToHexString(), $"/api/data/{Guid.NewGuid():N}");
            using var request = new HttpRequestMessage(HttpMethod.Get, path)
            {
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
                Headers =
                {
                    { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01" },
                    { "tracestate", "vendor=told" },
                    { "baggage", "who=told" },
                    { "Correlation-Context", "who=told" },
                    { "Request-Id", $"|{trace}.told." },
                },
            };
            (await client.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();

            var headers = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers;
            Assert.Equal(goesOn, headers["traceparent"].StartsWith($"00-{trace}-", StringComparison.Ordinal));
            Assert.Equal(goesOn, headers.Any(header => header.Value.Contains("told", StringComparison.Ordinal)));
        }
    }

    // The span ends a moment after the client has its response.
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
