using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>A gateway that starts at the same time as its services.</summary>
public sealed class StartupReadinessTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private TestIssuer issuer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Fact]
    public async Task The_gateway_is_ready_once_all_services_were_healthy_and_stays_ready()
    {
        await using var identity = await Backend.StartAsync("identity");
        using var closed = new ClosedPort();
        await using var gateway = Start("00:01:00", identity.Address, closed.Address);
        using var client = gateway.Client();
        Assert.Equal(503, await HealthAsync(client));
        Assert.Equal(200, (int)(await client.GetAsync("/alive", Cancel)).StatusCode);

        closed.Dispose();
        await using var data = await Backend.StartAsync("data", port: closed.Address.Port);
        await EventuallyReadyAsync(client);

        await data.KillAsync();
        Assert.Equal(200, await HealthAsync(client));
    }

    [Fact]
    public async Task After_Startup_Patience_the_gateway_is_ready_without_the_missing_service()
    {
        await using var identity = await Backend.StartAsync("identity");
        using var closed = new ClosedPort();
        await using var gateway = Start("00:00:01", identity.Address, closed.Address);
        using var client = gateway.Client();
        Assert.Equal(503, await HealthAsync(client));

        await EventuallyReadyAsync(client);
    }

    private GatewayUnderTest Start(string patience, Uri identity, Uri data) => new GatewayUnderTest()
        .With("Startup:Patience", patience).With(issuer).With("identity", "h2c", identity).With("data", "h2c", data).Start();

    private static async Task<int> HealthAsync(HttpClient client) => (int)(await client.GetAsync("/health", Cancel)).StatusCode;

    private static async Task EventuallyReadyAsync(HttpClient client)
    {
        for (var began = TimeProvider.System.GetTimestamp(); await HealthAsync(client) != 200;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "The gateway does not become ready.");
            await Task.Delay(50, Cancel);
        }
    }
}
