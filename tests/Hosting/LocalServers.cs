using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Hosting.Ports;
using KvAspire.Hosting.Postgres;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace KvAspire.Hosting.Tests;

/// <summary>Postgres and Redis as programs of this machine, in an application of their own.</summary>
internal sealed class LocalServers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IResourceBuilder<IResourceWithConnectionString> database, cache;

    /// <param name="volume">The name of a data volume, or null without persistence.</param>
    /// <param name="port">Postgres' port, or null for a free one.</param>
    /// <param name="hasRoles">Whether the database has its two roles.</param>
    public LocalServers(string? volume = null, int? port = null, bool hasRoles = false)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(Servers).Assembly.FullName,
            DisableDashboard = true,
            EnableResourceLogging = true,
            Args = ["--Servers=Programs", "--Parameters:postgres-password=kept between runs: p'w\"\\", "--Logging:Console:LogLevel:Default=None"],
        });
        builder.AwaitFixedPorts();
        var postgres = builder.AddPostgresServer("postgres", port);
        if (volume is not null)
            postgres.WithDataVolume(volume);
        (database, cache) = (postgres.AddDatabase("things"), builder.AddRedisServer("cache"));
        Roles = hasRoles ? postgres.AddRoles(database) : null;
        builder.Services.AddSingleton<ILoggerProvider>(Log);
        App = builder.Build();
    }

    public DistributedApplication App { get; }

    public Lines Log { get; } = new();

    public PostgresRoles? Roles { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await App.StartAsync(cancellationToken);
        foreach (var name in new[] { "things", "cache" })
            await App.ResourceNotifications.WaitForResourceHealthyAsync(name, cancellationToken).WaitAsync(Patience, cancellationToken);
    }

    public async Task<string> DatabaseAsync(CancellationToken cancellationToken) => (await database.Resource.GetConnectionStringAsync(cancellationToken))!;

    public async Task<string> CacheAsync(CancellationToken cancellationToken) => (await cache.Resource.GetConnectionStringAsync(cancellationToken))!;

    /// <returns>The first value of the result.</returns>
    public async Task<object?> AskAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create($"{await DatabaseAsync(cancellationToken)};Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    public async Task<ConnectionMultiplexer> RedisAsync(CancellationToken cancellationToken) =>
        await ConnectionMultiplexer.ConnectAsync($"{await CacheAsync(cancellationToken)},allowAdmin=true");

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
