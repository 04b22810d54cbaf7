using KvAspire.Hosting;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>
/// A real, empty Postgres and Redis for the tests of one service. Use it as an assembly fixture.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly IResourceBuilder<IResourceWithConnectionString> database;
    private readonly IResourceBuilder<IResourceWithConnectionString> cache;
    private readonly DistributedApplication app;

    public Servers()
    {
        var builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions
            {
                AssemblyName = typeof(Servers).Assembly.FullName,
                DisableDashboard = true,
                Args = ["--Logging:Console:LogLevel:Default=None"],
            });
        database = builder.AddPostgresServer("postgres").AddDatabase("database");
        cache = builder.AddRedisServer("cache");
        app = builder.Build();
    }

    /// <summary>The connection string of an empty database.</summary>
    public string Database { get; private set; } = "";

    /// <summary>The connection string of Redis.</summary>
    public string Cache { get; private set; } = "";

    /// <summary>Starts, stops or restarts the servers, by the names <c>postgres</c> and <c>cache</c>.</summary>
    public ResourceCommandService Commands => app.ResourceCommands;

    /// <summary>Kills a server at once; a graceful stop takes the orchestrator seconds.</summary>
    public async Task KillAsync(string name, CancellationToken cancellationToken) =>
        Assert.True(await app.SignalAsync(name, ResourceProcesses.Kill, cancellationToken), $"{name} does not run.");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        await app.StartAsync(timeout.Token);
        foreach (var name in new[] { database.Resource.Name, cache.Resource.Name })
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);

        Database = await database.Resource.ConnectionStringExpression.GetValueAsync(timeout.Token) ?? "";
        Cache = await cache.Resource.ConnectionStringExpression.GetValueAsync(timeout.Token) ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(); // removes the servers' volumes
        await app.DisposeAsync();
    }
}
