using KvAspire.Identity.Tests.Fixtures;

namespace KvAspire.Identity.Tests;

public sealed class HealthTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_is_healthy_with_its_database_and_unhealthy_but_alive_without()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var service = IdentityService.Start(database);
        Assert.Equal((200, "Healthy"), await AskAsync(service, "/health"));

        await identity.DropDatabaseAsync(database, Cancelled);
        Assert.Equal((503, "Unhealthy"), await AskAsync(service, "/health"));
        Assert.Equal((200, "Healthy"), await AskAsync(service, "/alive"));
    }

    private static async Task<(int Status, string Text)> AskAsync(IdentityService service, string path)
    {
        using var response = await service.Client.GetAsync(path, Cancelled);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled));
    }
}
