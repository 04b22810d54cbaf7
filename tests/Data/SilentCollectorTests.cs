using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>
/// Measures what a collector costs that accepts connections and never answers, against a service that exports nothing. Only with
/// <c>KVASPIRE_COLLECTOR_REQUESTS</c>, the number of requests in each of six rounds.
/// </summary>
public sealed class SilentCollectorTests(World world, ITestOutputHelper output)
{
    private const int Rounds = 6, AtOnce = 32;
    private const long MaxGrowth = 30 * 1024 * 1024;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_costs_less_than_30_MB_of_the_services_memory()
    {
        var requests = int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_COLLECTOR_REQUESTS") ?? "0", CultureInfo.InvariantCulture);
        Assert.SkipWhen(requests == 0, "KVASPIRE_COLLECTOR_REQUESTS is not set.");
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        await using var quiet = await StartAsync([]);
        await using var exporting = await StartAsync(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector.LocalEndpoint}",
            ["Telemetry__TracesPerSecond"] = "1000000",
        });
        var token = world.Issuer.Issue($"user-{Guid.NewGuid():N}");

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, service) in new[] { ("quiet", quiet), ("exporting", exporting) })
            {
                var took = await ReadAsync(service, token, requests);
                output.WriteLine($"{name}: {requests / took.TotalSeconds:N0}/s, {service.Memory / 1048576.0:N0} MB");
            }
        }

        Assert.InRange(exporting.Memory - quiet.Memory, long.MinValue, MaxGrowth);
    }

    private Task<ScrapedService> StartAsync(Dictionary<string, string> settings) => ScrapedService.StartAsync(
        typeof(Program).Assembly, new Dictionary<string, string>(settings)
        {
            ["Kestrel__Endpoints__h2c__Url"] = "http://127.0.0.1:0",
            ["ConnectionStrings__datadb"] = World.Roles.Service(world.Database),
            ["ConnectionStrings__cache"] = world.Cache,
            ["services__identity__http__0"] = world.Issuer.Address.ToString(),
        }, Cancelled);

    private static async Task<TimeSpan> ReadAsync(ScrapedService service, string token, int requests)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = AtOnce }) { BaseAddress = service.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancelled }, async (_, cancel) =>
            {
                using var response = await client.GetAsync("/api/data/nothing", cancel);
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            });
        return clock.Elapsed;
    }
}
