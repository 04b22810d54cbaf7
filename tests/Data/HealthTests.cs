using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Health probes.</summary>
public sealed class HealthTests(World world)
{
    [Fact]
    public async Task With_Postgres_and_Redis_the_service_is_healthy() => await AssertHealthAsync(world.Data, "Healthy");

    [Fact]
    public async Task Without_Redis_the_service_is_degraded_but_ready() => await AssertHealthAsync(world.WithoutCache, "Degraded");

    private static async Task AssertHealthAsync(DataService replica, string expected)
    {
        var anybody = replica.WithToken(null);
        var health = await anybody.GetAsync("/health");
        Assert.Equal(200, (int)health.StatusCode);
        Assert.Equal(expected, await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, (int)(await anybody.GetAsync("/alive")).StatusCode);
    }
}
