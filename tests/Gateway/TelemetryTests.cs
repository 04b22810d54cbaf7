using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Runs alone: gateways in one process share the tracing and its limit of new traces in a second.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class Untroubled;

[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Theory]
    [InlineData("h2c", true)]
    [InlineData("h2c", false)]
    public async Task Telemetry_has_the_request_without_keys_queries_and_tokens(string endpoint, bool isUp)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var data = await Backend.StartAsync("data");
        await using var gateway = new GatewayUnderTest().With(running.Issuer).With("data", endpoint, data.Address)
            .With("Logging:LogLevel:Default", "Trace").With("Logging:LogLevel:Yarp", "Trace").With("Logging:LogLevel:Microsoft.AspNetCore", "Trace");
        foreach (var (key, value) in receiver.Settings)
            gateway.With(key, value);
        gateway.Start();
        if (!isUp)
            await data.KillAsync();
        var (entry, query, token) = ($"key-{Guid.NewGuid():N}", $"query-{Guid.NewGuid():N}", running.Issuer.Issue("user"));
        using var client = gateway.Client(token);
        using var response = await client.GetAsync($"/api/data/{entry}?x={query}", TestContext.Current.CancellationToken);

        Assert.Equal(isUp ? 200 : 503, (int)response.StatusCode);
        var trace = isUp
            ? Assert.Single(data.Arrivals).Headers["traceparent"].Split('-')[1]
            : await Envelope.AssertErrorAsync(response, 503, "UNAVAILABLE",
                "The service is temporarily unavailable; nothing was stored. Please try again later.", TestContext.Current.CancellationToken);
        await receiver.WaitUntilAsync(
            sent => sent.HasTrace(OtlpReceiver.Traces, trace) && sent.Has(OtlpReceiver.Traces, "GET /api/data/{key}"),
            "no trace", TestContext.Current.CancellationToken);
        await receiver.WaitUntilAsync(
            sent => sent.Has(OtlpReceiver.Metrics, "http.server.request.duration") && sent.Has(OtlpReceiver.Metrics, "/api/data/{key}"),
            "no metrics", TestContext.Current.CancellationToken);
        if (!isUp)
            await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Logs, trace), "no log", TestContext.Current.CancellationToken);
        receiver.AssertNowhere(entry, query, token, token.Split('.')[2], "url.path", "url.query", "url.full");
    }

    [Fact]
    public async Task Health_probes_leave_no_span_at_the_caller_nor_at_the_service()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var data = await Backend.StartAsync("data");
        await using var gateway = new GatewayUnderTest().With(running.Issuer).With("data", "h2c", data.Address);
        foreach (var (key, value) in receiver.Settings)
            gateway.With(key, value);
        gateway.Start();
        using var client = gateway.Client(running.Issuer.Issue("user"));
        await client.GetStringAsync("/health", TestContext.Current.CancellationToken);
        await client.GetStringAsync("/alive", TestContext.Current.CancellationToken);
        await receiver.WaitUntilAsync(_ => data.Probes > 0, "no probe", TestContext.Current.CancellationToken);
        await client.GetStringAsync("/api/data/key", TestContext.Current.CancellationToken);
        await receiver.WaitUntilAsync(
            sent => sent.Has(OtlpReceiver.Traces, "GET /api/data/{key}"), "no trace", TestContext.Current.CancellationToken);

        Assert.False(receiver.Has(OtlpReceiver.Traces, "/health") || receiver.Has(OtlpReceiver.Traces, "/alive"));
        Assert.False(receiver.Has(OtlpReceiver.Traces, "health_check"));
        Assert.EndsWith("-00", data.LastProbe!["traceparent"]);
    }
}
