using System.Net;
using System.Net.Sockets;

namespace KvAspire.Libraries.Tests;

/// <summary>A backend of telemetry that accepts connections and never answers.</summary>
[Collection(nameof(Alone))]
public sealed class SilentCollectorTests
{
    private const int Requests = 20_000, AtOnce = 32;
    private const long MaxGrowth = 30 * 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_costs_no_request_anything_and_the_memory_of_a_full_queue_at_most()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        await using var service = await SmallService.StartAsync(new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector.LocalEndpoint}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["Logging:Console:LogLevel:Default"] = "None",
            ["Telemetry:TracesPerSecond"] = "1000000",
        });
        await SendAsync(service.Client, Requests / 10);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(service.Client, Requests);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MaxGrowth);
    }

    private static Task SendAsync(HttpClient client, int requests) => Parallel.ForEachAsync(
        Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (i, cancel) =>
        {
            // One in a hundred is logged, with its exception.
            using var response = await client.GetAsync(i % 100 == 0 ? "/bug" : "/fine/x", cancel);
            Assert.Equal(i % 100 == 0 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK, response.StatusCode);
        });
}
