using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Hosting.Programs;
using KvAspire.TestKit;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Hosting.Tests;

/// <summary>Postgres and Redis as programs of this machine, run by the orchestrator.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LocalServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_run_unprivileged_on_loopback_and_have_no_password_in_their_arguments()
    {
        await using var servers = new LocalServers();
        await servers.StartAsync(Cancel);

        foreach (var name in new[] { "postgres", "cache" })
        {
            var process = servers.App.ProcessOf(name);
            var user = (await File.ReadAllLinesAsync($"/proc/{process}/status", Cancel)).Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t');
            Assert.All(user[1..], id => Assert.NotEqual("0", id));
            Assert.DoesNotContain("p'w", await File.ReadAllTextAsync($"/proc/{process}/cmdline", Cancel), StringComparison.Ordinal);
        }

        Assert.Equal("127.0.0.1", await servers.AskAsync("SHOW listen_addresses", Cancel));
        await using var redis = await servers.RedisAsync(Cancel);
        var bound = (RedisResult[])(await redis.GetDatabase().ExecuteAsync("CONFIG", "GET", "bind"))!;
        Assert.Equal("127.0.0.1", (string)bound[1]!);
    }

    [Fact]
    public async Task Postgres_and_Redis_refuse_a_wrong_password()
    {
        await using var servers = new LocalServers();
        await servers.StartAsync(Cancel);
        Assert.Equal("scram-sha-256", await servers.AskAsync("SHOW password_encryption", Cancel));
        Assert.Equal(0L, await servers.AskAsync("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'", Cancel));

        var wrong = new NpgsqlConnectionStringBuilder(await servers.DatabaseAsync(Cancel)) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancel));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);

        var stranger = ConfigurationOptions.Parse(await servers.CacheAsync(Cancel));
        stranger.Password = "wrong";
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(stranger));
    }

    [Fact]
    public async Task A_volume_outlives_the_run_but_the_cache_does_not()
    {
        var volume = $"kvaspire-test-{Guid.NewGuid():N}";
        try
        {
            await using (var first = new LocalServers(volume))
            {
                await first.StartAsync(Cancel);
                await first.AskAsync("CREATE TABLE kept AS SELECT 42 AS answer", Cancel);
                await using var redis = await first.RedisAsync(Cancel);
                await redis.GetDatabase().StringSetAsync("gone", 1);
            }

            await using var second = new LocalServers(volume);
            await second.StartAsync(Cancel);
            Assert.Equal(42, await second.AskAsync("SELECT answer FROM kept", Cancel));
            await using var again = await second.RedisAsync(Cancel);
            Assert.False(await again.GetDatabase().KeyExistsAsync("gone"));
        }
        finally
        {
            Directory.Delete(ServerFolders.OfVolume(volume), recursive: true);
        }
    }

    [Fact]
    public async Task A_volume_from_before_there_were_roles_gets_them_and_their_tables_at_the_next_start()
    {
        var volume = $"kvaspire-test-{Guid.NewGuid():N}";
        try
        {
            await using (var before = new LocalServers(volume))
            {
                await before.StartAsync(Cancel);
                await before.AskAsync("CREATE TABLE kept AS SELECT 42 AS answer", Cancel);
            }

            for (var start = 0; start < 2; start++)
            {
                await using var servers = new LocalServers(volume, hasRoles: true);
                await servers.StartAsync(Cancel);
                var migrator = await servers.Roles!.Migrator.ConnectionString.GetValueAsync(Cancel);
                var service = await servers.Roles.Service.ConnectionString.GetValueAsync(Cancel);
                await using (var source = NpgsqlDataSource.Create($"{migrator};Pooling=false"))
                await using (var command = source.CreateCommand("ALTER TABLE kept ALTER answer SET NOT NULL"))
                    await command.ExecuteNonQueryAsync(Cancel);
                await RefusedStatements.AssertRefusedAsync(service!, "SELECT answer FROM kept");
                Assert.Equal(42, await servers.AskAsync("SELECT answer FROM kept", Cancel));
            }
        }
        finally
        {
            Directory.Delete(ServerFolders.OfVolume(volume), recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_volume_a_run_leaves_no_data()
    {
        string folder;
        await using (var servers = new LocalServers())
        {
            await servers.StartAsync(Cancel);
            folder = (string)(await servers.AskAsync("SHOW data_directory", Cancel))!;
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(folder)), folder);
    }

    [Fact]
    public async Task A_restarted_server_has_its_databases_and_reports_their_state()
    {
        await using var servers = new LocalServers(hasRoles: true);
        await servers.StartAsync(Cancel);
        await servers.AskAsync("CREATE TABLE kept AS SELECT 7 AS answer", Cancel);
        await using var open = NpgsqlDataSource.Create(await servers.DatabaseAsync(Cancel));
        await using var held = await open.OpenConnectionAsync(Cancel); // a client that is there does not keep a server from stopping

        await ExecuteAsync(servers, KnownResourceCommands.StopCommand);
        await StateAsync(servers, "postgres", KnownResourceStates.TerminalStates);
        await StateAsync(servers, "things", KnownResourceStates.TerminalStates);
        await ExecuteAsync(servers, KnownResourceCommands.StartCommand);
        await servers.App.ResourceNotifications.WaitForResourceHealthyAsync("things", WaitBehavior.WaitOnResourceUnavailable, Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(7, await servers.AskAsync("SELECT answer FROM kept", Cancel));
        await UntilOwnerAsync(servers, "things_migrator"); // the start gave the table to the role, as after a restore

        await ExecuteAsync(servers, KnownResourceCommands.RestartCommand);
        await servers.App.ResourceNotifications.WaitForResourceHealthyAsync("things", WaitBehavior.WaitOnResourceUnavailable, Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(7, await servers.AskAsync("SELECT answer FROM kept", Cancel));
    }

    [Fact]
    public async Task A_taken_port_is_reported()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var servers = new LocalServers(port: port);

        await servers.App.StartAsync(Cancel);
        await StateAsync(servers, "postgres", [KnownResourceStates.FailedToStart]);

        Assert.Contains($"Another process uses port {port} of 'postgres'. Stop that process or choose another port.", servers.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_or_account_is_reported()
    {
        var program = new ServerProgram("no-such-server", "no-such-package", "nobody");
        Assert.Equal(
            "'no-such-server' is not installed: install the package 'no-such-package', or start a container engine.",
            Assert.Throws<DistributedApplicationException>(program.Require).Message);

        var account = new ServerProgram("sh", "dash", "no-such-account");
        if (Environment.IsPrivilegedProcess)
            Assert.Equal("'sh' must not run as root, and there is no account 'no-such-account': install the package 'dash'.", Assert.Throws<DistributedApplicationException>(account.Require).Message);
        else
            account.Require();
    }

    private static async Task ExecuteAsync(LocalServers servers, string command)
    {
        // The orchestrator refuses the command right after the end of a process.
        for (var began = TimeProvider.System.GetTimestamp(); !(await servers.App.ResourceCommands.ExecuteCommandAsync("postgres", command, Cancel)).Success;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{command} failed.");
            await Task.Delay(50, Cancel);
        }
    }

    private static async Task UntilOwnerAsync(LocalServers servers, string owner)
    {
        const string Owner = "SELECT tableowner::text FROM pg_tables WHERE tablename = 'kept'";
        for (var began = TimeProvider.System.GetTimestamp(); !owner.Equals(await servers.AskAsync(Owner, Cancel));)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{owner} does not own the table.");
            await Task.Delay(50, Cancel);
        }
    }

    private static Task<string> StateAsync(LocalServers servers, string resource, IEnumerable<string> states) =>
        servers.App.ResourceNotifications.WaitForResourceAsync(resource, states, Cancel).WaitAsync(Patience, Cancel);
}
