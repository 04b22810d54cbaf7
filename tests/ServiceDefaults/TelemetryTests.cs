using KvAspire.TestKit;

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
}
