using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>The metrics of <c>docs/reference/telemetry.md</c> are those of the gateway.</summary>
public sealed class CatalogueTests : IAsyncLifetime
{
    private readonly BatchingWorld world = new(ReadRequests.Path);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => world.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task The_gateway_emits_the_metrics_of_the_page_and_no_others()
    {
        using var recorder = new InstrumentRecorder("KvAspire.Gateway");
        await using var lost = await Backend.StartAsync("lost");
        await using var gateway = world.Gateway(lost, world.Data).With("ConnectionStrings:cache", "127.0.0.1:1").With("RateLimits:Read:Limit", "3").Start();
        using var client = await world.KnownClientAsync(gateway);
        await lost.KillAsync();
        for (var i = 0; i < 6; i++)
        {
            using var answer = await client.GetAsync("/api/data/k1", Cancelled);
        }

        for (var attempt = 0; recorder.Sum("kvaspire.gateway.limited", "read") < 1 || !recorder.All.ContainsKey("kvaspire.clock.offset"); attempt++)
        {
            Assert.True(attempt < 200, $"Only {string.Join(", ", recorder.All.Keys.Order())}");
            await Task.Delay(50, Cancelled);
        }

        MetricsCatalogue.AssertIs("G", recorder.All);
    }
}
