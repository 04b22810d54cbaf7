using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Hosting.Containers;
using KvAspire.TestKit;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Hosting.Tests;

/// <summary>The servers as real containers, where a container engine answers.</summary>
public sealed class ContainerTests
{
    private const string Password = "only-for-the-tests";
    private const string NoEngine = "No container engine answers. tests/Hosting/with-docker starts one for a command.";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_data_volume_outlives_the_run_but_the_cache_does_not()
    {
        Assert.SkipUnless(ContainerEngine.Answers, NoEngine);
        var volume = $"kvaspire-test-{Guid.NewGuid():N}";
        try
        {
            await RunAsync(volume, async servers =>
            {
                await servers.ExecuteAsync("CREATE TABLE kept AS SELECT 42 AS number");
                await servers.CacheAsync(cache => cache.StringSetAsync("kept", "42"));
            });
            await RunAsync(volume, async servers =>
            {
                Assert.Equal(42, await servers.ExecuteAsync("SELECT number FROM kept"));
                Assert.True((await servers.CacheAsync(cache => cache.StringGetAsync("kept"))).IsNull);
            });
        }
        finally
        {
            Assert.True(await EventuallyAsync(async () => await ContainerEngine.RunAsync(["volume", "rm", volume], Cancel) is not null), $"{volume} is in use.");
        }
    }

    [Fact]
    public async Task Without_a_data_volume_data_survives_a_restart_but_not_the_end_of_the_run()
    {
        Assert.SkipUnless(ContainerEngine.Answers, NoEngine);
        var volume = "";
        await RunAsync(volume: null, async servers =>
        {
            volume = servers.Volume;
            await servers.ExecuteAsync("CREATE TABLE kept AS SELECT 42 AS number");
            await servers.RestartAsync("postgres");
            Assert.Equal(42, await servers.ExecuteAsync("SELECT number FROM kept"));
        });
        Assert.StartsWith("kvaspire-run-", volume, StringComparison.Ordinal);
        Assert.True(await EventuallyAsync(async () => await ContainerEngine.RunAsync(["volume", "inspect", volume], Cancel) is null), $"{volume} is left.");
    }

    [Fact]
    public async Task Containers_refuse_a_wrong_password_and_have_the_settings_of_the_programs()
    {
        Assert.SkipUnless(ContainerEngine.Answers, NoEngine);
        await RunAsync(volume: null, async servers =>
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => servers.ExecuteAsync("SELECT 1", password: "wrong"));
            Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
            Assert.Equal("200", await servers.ExecuteAsync("SHOW max_connections"));
            Assert.StartsWith("SCRAM-SHA-256$", (string)(await servers.ExecuteAsync("SELECT rolpassword FROM pg_authid WHERE rolname = current_user"))!, StringComparison.Ordinal);

            await Assert.ThrowsAsync<RedisConnectionException>(() => servers.CacheAsync(cache => cache.PingAsync(), password: "wrong"));
            foreach (var (name, value) in new[] { ("save", ""), ("appendonly", "no"), ("maxmemory", "134217728"), ("maxmemory-policy", "allkeys-lru") })
                Assert.Equal(value, (string?)((RedisResult[])(await servers.CacheAsync(cache => cache.ExecuteAsync("CONFIG", "GET", name)))!)[1]);
        });
    }

    private static async Task RunAsync(string? volume, Func<RunningServers, Task> use)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(Timeout);
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(Servers).Assembly.FullName,
            DisableDashboard = true,
            Args = ["--Logging:Console:LogLevel:Default=None", "--Servers=Containers", $"--Parameters:postgres-password={Password}", $"--Parameters:cache-password={Password}"],
        });
        var postgres = builder.AddPostgresServer("postgres");
        if (volume is not null)
            postgres.WithDataVolume(volume);
        var database = postgres.AddDatabase("database");
        var cache = builder.AddRedisServer("cache");

        await using var app = builder.Build();
        await app.StartAsync(timeout.Token);
        var servers = new RunningServers(app, database.Resource, cache.Resource, postgres.Resource.Annotations.OfType<ContainerMountAnnotation>().Single().Source!);
        foreach (var name in new[] { "database", "cache" })
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);
        await use(servers);
        await app.StopAsync(timeout.Token);
    }

    private static async Task<bool> EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30); await Task.Delay(250, Cancel))
        {
            if (await holds())
                return true;
        }

        return false;
    }

    private sealed record RunningServers(DistributedApplication App, IResourceWithConnectionString Database, IResourceWithConnectionString Cache, string Volume)
    {
        public async Task<object?> ExecuteAsync(string statement, string? password = null)
        {
            var settings = new NpgsqlConnectionStringBuilder(await Database.GetConnectionStringAsync(Cancel)) { Pooling = false };
            settings.Password = password ?? settings.Password;
            await using var source = NpgsqlDataSource.Create(settings);
            await using var command = source.CreateCommand(statement);
            return await command.ExecuteScalarAsync(Cancel);
        }

        public async Task<T> CacheAsync<T>(Func<IDatabase, Task<T>> use, string? password = null)
        {
            var options = ConfigurationOptions.Parse((await Cache.GetConnectionStringAsync(Cancel))!);
            options.AllowAdmin = true;
            options.Password = password ?? options.Password;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            return await use(connection.GetDatabase());
        }

        public async Task RestartAsync(string resource)
        {
            Assert.True((await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.RestartCommand, Cancel)).Success);
            await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, Cancel);
        }
    }
}
