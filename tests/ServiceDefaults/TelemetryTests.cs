using System.Diagnostics;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Tests;

public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_error_can_be_found_in_traces_logs_and_metrics_by_what_its_answer_says()
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
    public async Task Telemetry_has_the_route_and_never_the_path()
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

    [Fact]
    public async Task Beyond_the_limit_of_traces_an_error_has_its_id_and_its_log_and_no_spans()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await SmallService.StartAsync(receiver.Settings.Append(new("Telemetry:TracesPerSecond", "0")).ToDictionary());

        var traceId = await Envelope.AssertErrorAsync(await service.Client.GetAsync("/bug", Cancel), 500, "INTERNAL_SERVER_ERROR",
            "An internal server error occurred. Please try again later.", Cancel);

        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Logs, traceId), "no log", Cancel);
        await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Metrics, "/bug"), "no metric", Cancel);
        Assert.False(receiver.HasTrace(OtlpReceiver.Traces, traceId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_caller_records_is_recorded_only_where_callers_are_followed(bool areFollowed)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await SmallService.StartAsync(receiver.Settings
            .Append(new("Telemetry:TracesPerSecond", "0")).Append(new("Telemetry:FollowsCallers", $"{areFollowed}")).ToDictionary());
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
    public void So_many_traces_are_begun_in_each_second_and_no_more()
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
