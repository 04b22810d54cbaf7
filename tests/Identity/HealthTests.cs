using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

public sealed class HealthTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_is_healthy_with_its_database_and_unhealthy_but_alive_without()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var service = IdentityService.Start(database);
        var health = await HealthAnswer.AskAsync(service.Client, Cancelled);
        Assert.Equal((200, "healthy"), (health.StatusCode, health.Status));
        Assert.Equal(["database", "draining", "functions", "revocations", "signing_keys"], health.Checks.Keys);

        await identity.DropDatabaseAsync(database, Cancelled);
        await Eventually.TrueAsync(async () => (await HealthAnswer.AskAsync(service.Client, Cancelled)).StatusCode is 503, "The service stays ready.", Cancelled);
        Assert.Equal(("unhealthy", "The database does not exist. (SQLSTATE 3D000)"), (await HealthAnswer.AskAsync(service.Client, Cancelled)).Checks["database"]);
        Assert.Equal(200, (int)(await service.Client.GetAsync("/alive", Cancelled)).StatusCode);
    }
}
