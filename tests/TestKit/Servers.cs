using Xunit;

namespace KvAspire.TestKit;

/// <summary>
/// A real Postgres and a real Redis for the tests of one service, empty and of their own. Use it as an assembly fixture.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly IResourceBuilder<PostgresDatabaseResource> database;
    private readonly IResourceBuilder<RedisResource> cache;
    private readonly DistributedApplication app;

    /// <summary>Describes the servers; they start with the fixture.</summary>
    public Servers()
    {
        var builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions { AssemblyName = typeof(Servers).Assembly.FullName, DisableDashboard = true });
        database = builder.AddPostgres("postgres").AddDatabase("database");
        cache = builder.AddRedis("cache");
        app = builder.Build();
    }

    /// <summary>The connection string of an existing, empty database.</summary>
    public string Database { get; private set; } = "";

    /// <summary>The connection string of Redis.</summary>
    public string Cache { get; private set; } = "";

    /// <summary>Starts, stops or restarts the servers, by the names <c>postgres</c> and <c>cache</c>.</summary>
    public ResourceCommandService Commands => app.ResourceCommands;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        await app.StartAsync(timeout.Token);
        foreach (var name in new[] { database.Resource.Name, cache.Resource.Name })
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);

        Database = await database.Resource.ConnectionStringExpression.GetValueAsync(timeout.Token) ?? "";
        Cache = await cache.Resource.ConnectionStringExpression.GetValueAsync(timeout.Token) ?? "";
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();
}
