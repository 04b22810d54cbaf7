using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>A replica with its own servers, for tests that break them.</summary>
public sealed class FaultWorld : IAsyncLifetime
{
    private readonly Servers servers = new();
    private TestIssuer issuer = null!;

    public DataService Data { get; private set; } = null!;

    public string Cache => servers.Cache;

    public string Database => servers.Database;

    public async ValueTask InitializeAsync()
    {
        await servers.InitializeAsync();
        await World.Roles.MakeAsync(servers.Database);
        await MigrateAsync();
        issuer = await TestIssuer.StartAsync();
        Data = new(servers.Database, servers.Cache, issuer, cacheDeadline: TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Stops or starts a server.</summary>
    public async Task ExecuteAsync(string server, string command)
    {
        var result = await servers.Commands.ExecuteCommandAsync(server, command, TestContext.Current.CancellationToken);
        Assert.True(result.Success, result.Message);
    }

    public async Task MigrateAsync()
    {
        var run = await World.MigrateAsync(World.Roles.Migrator(servers.Database));
        Assert.True(run.ExitCode == 0, run.Error);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { Data, issuer, servers })
        {
            if (part is not null)
                await part.DisposeAsync();
        }
    }
}
