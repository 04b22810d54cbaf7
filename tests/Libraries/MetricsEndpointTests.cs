using System.Net;
using System.Net.Sockets;
using KvAspire.TestKit;
using Microsoft.Extensions.Options;

namespace KvAspire.Libraries.Tests;

/// <summary><c>/metrics</c> on a port of its own.</summary>
public sealed class MetricsEndpointTests
{
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_served_nowhere_unless_a_port_is_set()
    {
        await using var service = await SmallService.StartAsync();

        await AssertNothingThereAsync(await service.Client.GetAsync("/metrics", Cancel));
    }

    [Fact]
    public async Task The_port_of_metrics_serves_them_and_nothing_else_and_no_other_port_does()
    {
        await using var service = await ServiceWithMetricsAsync();
        await service.Client.GetStringAsync("/fine/x", Cancel);

        using var scraped = await service.Metrics.GetAsync("/metrics", Cancel);
        var text = await scraped.Content.ReadAsStringAsync(Cancel);
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (scraped.StatusCode, scraped.Content.Headers.ContentType!.MediaType));
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/fine/{secret}\"", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total", text, StringComparison.Ordinal);

        await AssertNothingThereAsync(await service.Client.GetAsync("/metrics", Cancel));
        foreach (var path in new[] { "/", "/health", "/fine/x", "/metrics/x" })
            await AssertNothingThereAsync(await service.Metrics.GetAsync(path, Cancel));
        await AssertNothingThereAsync(await service.Metrics.PostAsync("/metrics", null, Cancel));
    }

    [Fact]
    public async Task A_scrape_is_neither_counted_nor_traced()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await ServiceWithMetricsAsync(receiver);

        for (var i = 0; i < 3; i++)
            await service.Metrics.GetStringAsync("/metrics", Cancel);
        await service.Client.GetStringAsync("/fine/x", Cancel);
        await Task.Delay(400, Cancel); // scrapes within 300 ms get the same answer

        var requests = (await service.Metrics.GetStringAsync("/metrics", Cancel)).Split('\n')
            .Where(line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal))
            .Where(line => line.Contains("=\"GET\"", StringComparison.Ordinal)); // the receiver of this process gets POSTs
        Assert.All(requests, line => Assert.Contains("http_route=", line, StringComparison.Ordinal));
        await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Traces, "GET /fine/{secret}"), "no trace", Cancel);
        Assert.False(receiver.Has(OtlpReceiver.Traces, "/metrics"));
    }

    [Fact]
    public async Task Exemplars_of_recorded_requests_are_in_the_format_OpenMetrics()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await ServiceWithMetricsAsync(receiver);
        var traceId = await Envelope.AssertErrorAsync(await service.Client.GetAsync("/bug", Cancel), 500, "INTERNAL_SERVER_ERROR",
            "An internal server error occurred. Please try again later.", Cancel);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", OpenMetrics);
        using var scraped = await service.Metrics.SendAsync(request, Cancel);

        Assert.Contains($"trace_id=\"{traceId}\"", await scraped.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(traceId, await service.Metrics.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Metrics:Port", "65536")]
    [InlineData("Metrics:Port", "-1")]
    [InlineData("Metrics:Address", "localhost")]
    [InlineData("Metrics:SurveyEvery", "00:00:00")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string name, string value)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => SmallService.StartAsync(new Dictionary<string, string> { [name] = value }));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_with_the_name_of_the_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => SmallService.StartAsync(new Dictionary<string, string> { ["Metrics:Port"] = $"{taken}" }));

        Assert.Contains($"Set Metrics:Port and Metrics:Address to an address that is free: 127.0.0.1:{taken} is not.", failure.Message, StringComparison.Ordinal);
    }

    private static Task<SmallService> ServiceWithMetricsAsync(OtlpReceiver? receiver = null) =>
        SmallService.StartAsync((receiver?.Settings ?? new Dictionary<string, string>()).Append(new("Metrics:Port", "0")).ToDictionary());

    private static Task<string> AssertNothingThereAsync(HttpResponseMessage response) =>
        Envelope.AssertErrorAsync(response, 404, "NOT_FOUND", "There is nothing at this address.", Cancel);
}
