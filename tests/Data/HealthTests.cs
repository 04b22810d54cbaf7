using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Health probes.</summary>
public sealed class HealthTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_Postgres_and_Redis_the_service_is_healthy_and_names_its_checks()
    {
        var health = await AskAsync(world.Data);
        Assert.Equal((200, "healthy"), (health.StatusCode, health.Status));
        Assert.Equal(["cache", "database", "draining", "revocations", "signing_keys", "write_function"], health.Checks.Keys);
    }

    [Fact]
    public async Task Without_Redis_the_service_is_degraded_but_ready()
    {
        var health = await AskAsync(world.WithoutCache);
        Assert.Equal((200, "degraded"), (health.StatusCode, health.Status));
        Assert.Equal(("degraded", "Redis does not answer."), health.Checks["cache"]);
        Assert.Equal(["cache"], health.Ailing);
    }

    [Fact]
    public async Task Without_signing_keys_the_service_is_not_ready()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.IsReachable = false;
        await using var data = new DataService(world.Database, world.Cache, issuer);

        var health = await AskAsync(data);
        Assert.Equal((503, "unhealthy", "unhealthy"), (health.StatusCode, health.Status, health.Checks["signing_keys"].Status));
        Assert.Equal(200, (int)(await data.WithToken(null).GetAsync("/alive")).StatusCode);

        issuer.IsReachable = true;
        await Eventually.TrueAsync(async () => (await AskAsync(data)).Status is "healthy", "The service does not become healthy.", Cancelled);
    }

    private static async Task<HealthAnswer> AskAsync(DataService replica) =>
        await HealthAnswer.ReadAsync(await replica.WithToken(null).GetAsync("/health"), Cancelled);
}
