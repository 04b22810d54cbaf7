using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>A load balancer asks the gateway's health, and so may anyone.</summary>
public sealed class HealthTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_service_degrades_the_gateway_which_stays_ready()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var identity = await Backend.StartAsync("identity");
        await using var data = await Backend.StartAsync("data");
        await using var gateway = new GatewayUnderTest().With(issuer).With("identity", "h2c", identity.Address).With("data", "h2c", data.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        var before = await HealthAnswer.AskAsync(client, Cancelled);
        Assert.Equal((200, "healthy"), (before.StatusCode, before.Status));
        Assert.Equal(["data", "draining", "identity", "revocations", "signing_keys", "startup"], before.Checks.Keys);

        await data.KillAsync();
        await client.GetAsync("/api/data/key", Cancelled);
        await Eventually.TrueAsync(async () => (await HealthAnswer.AskAsync(client, Cancelled)).Status is "degraded", "The gateway does not notice.", Cancelled);

        var after = await HealthAnswer.AskAsync(client, Cancelled);
        Assert.Equal((200, ("degraded", "No replica of the data service answers.")), (after.StatusCode, after.Checks["data"]));
        Assert.Equal(["data"], after.Ailing);
    }

    [Fact]
    public async Task Without_signing_keys_the_gateway_is_degraded_but_ready()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.IsReachable = false;
        using var closed = new ClosedPort();
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", closed.Address).Start();
        using var client = gateway.Client();

        var health = await HealthAnswer.AskAsync(client, Cancelled);
        Assert.Equal((200, "degraded"), (health.StatusCode, health.Status));
        Assert.Equal(("degraded", "No signing keys are known: access tokens cannot be checked."), health.Checks["signing_keys"]);
    }

    [Fact]
    public async Task Stale_revocations_degrade_the_gateway()
    {
        await using var issuer = await TestIssuer.StartAsync();
        using var closed = new ClosedPort();
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", closed.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        Assert.Equal("healthy", (await HealthAnswer.AskAsync(client, Cancelled)).Checks["revocations"].Status);

        issuer.IsReachable = false;
        await Eventually.TrueAsync(
            async () => (await HealthAnswer.AskAsync(client, Cancelled)).Checks["revocations"].Status is "degraded", "Stale revocations are not noticed.", Cancelled);
    }

    [Fact]
    public async Task A_flood_of_probes_is_answered_at_once_and_asks_no_service()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var data = await Backend.StartAsync("data");
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).Start();
        using var client = gateway.Client();
        await client.GetAsync("/health", Cancelled);

        var (clock, probes) = (Stopwatch.StartNew(), data.Probes);
        for (var round = 0; round < 10; round++)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetStringAsync("/health", Cancelled)));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(data.Probes - probes, 0, 2); // the gateway's own, every five seconds
    }
}
