using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using OpenTelemetry.Trace;

namespace KvAspire.Libraries.Tests;

[Collection(nameof(Alone))]
public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_error_response_leads_to_its_trace_logs_and_metrics()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await SmallService.StartAsync(receiver.Settings);

        var traceId = await Envelope.AssertErrorAsync(await service.Client.GetAsync("/bug", Cancel), 500, "INTERNAL_SERVER_ERROR",
            "An internal server error occurred. Please try again later.", Cancel);

        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Traces, traceId) && sent.Has(OtlpReceiver.Traces, "GET /bug"), "no trace", Cancel);
        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Logs, traceId), "no log", Cancel);
        await receiver.WaitUntilAsync(
            sent => sent.Has(OtlpReceiver.Metrics, "http.server.request.duration") && sent.Has(OtlpReceiver.Metrics, "/bug"), "no metric", Cancel);
    }

    [Fact]
    public async Task Metrics_include_the_runtime()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await SmallService.StartAsync(receiver.Settings);

        await receiver.WaitUntilAsync(
            sent => sent.Has(OtlpReceiver.Metrics, "dotnet.gc.collections") && sent.Has(OtlpReceiver.Metrics, "dotnet.thread_pool.thread.count"), "no metric", Cancel);
    }

    [Theory]
    [InlineData("/bug", 500, "GET /bug", ActivityStatusCode.Error, "500")]
    [InlineData("/too-slow", 408, "GET /too-slow", ActivityStatusCode.Unset, null)]
    [InlineData("/fine/x", 200, "GET /fine/{secret}", ActivityStatusCode.Unset, null)]
    [InlineData("/nowhere", 404, "GET", ActivityStatusCode.Unset, null)]
    public async Task A_span_has_the_outcome_of_its_request(string target, int status, string name, ActivityStatusCode outcome, string? error)
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Microsoft.AspNetCore", ActivityStopped = ended.Enqueue };
        ActivitySource.AddActivityListener(listener);
        await using var service = await SmallService.StartAsync();
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        service.Client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        await service.Client.GetAsync(target, Cancel);
        // The span ends shortly after the client has the response.
        Activity? span;
        for (var clock = Stopwatch.StartNew(); (span = ended.FirstOrDefault(activity => activity.TraceId.ToHexString() == trace)) is null;)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), "no span");
            await Task.Delay(20, Cancel);
        }

        Assert.Equal((name, outcome), (span.DisplayName, span.Status));
        Assert.Equal(name.Split(' ') is [_, var route] ? route : null, span.GetTagItem("http.route"));
        Assert.Equal(status, span.GetTagItem("http.response.status_code"));
        Assert.Equal(error, span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task Telemetry_has_the_route_but_never_the_path()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = receiver.Settings.Append(new("Logging:LogLevel:Default", "Trace")).Append(new("Logging:LogLevel:Microsoft.AspNetCore", "Trace"));
        await using var service = await SmallService.StartAsync(settings.ToDictionary());
        var secret = $"secret-{Guid.NewGuid():N}";

        await service.Client.GetStringAsync($"/fine/{secret}?also={secret}", Cancel);

        await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Traces, "GET /fine/{secret}"), "no trace", Cancel);
        await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Metrics, "/fine/{secret}"), "no metric", Cancel);
        receiver.AssertNowhere(secret);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callers_recorded_trace_is_recorded_only_with_FollowsCallers(bool areFollowed)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await SmallService.StartAsync(receiver.Settings
            .Append(new("Telemetry:TracesPerSecond", "0")).Append(new("Telemetry:KeptErrorsPerSecond", "0")).Append(new("Telemetry:FollowsCallers", $"{areFollowed}")).ToDictionary());
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        service.Client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        await service.Client.GetAsync("/bug", Cancel);

        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Logs, trace), "no log", Cancel);
        if (areFollowed)
            await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Traces, trace), "no trace", Cancel);
        else
            Assert.False(receiver.HasTrace(OtlpReceiver.Traces, trace));
    }

    [Fact]
    public void Each_second_starts_no_more_traces_than_the_limit()
    {
        var clock = new StoppedClock();
        var sampler = new LimitedSampler(5, clock);
        for (var second = 0; second < 3; second++)
        {
            var decisions = new SamplingDecision[100];
            Parallel.For(0, decisions.Length, i => decisions[i] = sampler.ShouldSample(default).Decision);
            Assert.Equal(5, decisions.Count(decision => decision is SamplingDecision.RecordAndSample));
            clock.Now += clock.TimestampFrequency;
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        public long Now { get; set; } = 1_000_000_000_000;

        public override long GetTimestamp() => Now;
    }
}
