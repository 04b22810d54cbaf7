using Aspire.Hosting.Testing;
using Npgsql;

namespace KvAspire.Hosting.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task A_database_that_is_healthy_exists_and_survives_a_restart_of_its_server_on_the_same_port()
    {
        var builder = Apps.Builder();
        builder.AddPostgres("postgres").AddDatabase("entries");
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("entries");
        var connection = await app.GetConnectionStringAsync("entries", TestContext.Current.CancellationToken);
        await ExecuteAsync(connection, "CREATE TABLE t (x int); INSERT INTO t VALUES (42)");

        NpgsqlConnection.ClearAllPools();
        Assert.Equal("'postgres' has stopped.", (await app.CommandAsync("postgres", "stop")).Message);
        Assert.Equal("Exited", (await app.StateAsync("entries", "Exited")).State?.Text);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(connection, "SELECT 1"));

        Assert.Equal("'postgres' has started.", (await app.CommandAsync("postgres", "start")).Message);
        await app.HealthyAsync("entries");
        Assert.Equal(42, await ExecuteAsync(connection, "SELECT x FROM t"));
    }

    [Fact]
    public async Task Writes_are_durable_and_the_server_is_reached_by_loopback_alone()
    {
        var builder = Apps.Builder();
        builder.AddPostgres("postgres").AddDatabase("entries");
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("entries");
        var connection = await app.GetConnectionStringAsync("entries", TestContext.Current.CancellationToken);

        Assert.Equal("on on localhost  scram-sha-256", await ExecuteAsync(connection, """
            SELECT concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), current_setting('listen_addresses'),
                current_setting('unix_socket_directories'), current_setting('password_encryption'))
            """));
        var wrong = new NpgsqlConnectionStringBuilder(connection) { Password = "wrong" };
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(wrong.ConnectionString, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Redis_keeps_its_port_and_password_but_not_its_data_across_a_restart()
    {
        var builder = Apps.Builder();
        builder.AddRedis("cache");
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("cache");
        var connection = (await app.GetConnectionStringAsync("cache", TestContext.Current.CancellationToken))!;
        await using var redis = await Redis.ConnectAsync(connection);
        Assert.Equal("+OK", await redis.SendAsync("SET", "k", "v"));
        Assert.Equal("$1\r\nv", await redis.SendAsync("GET", "k"));
        Assert.Equal("*2\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lru", await redis.SendAsync("CONFIG", "GET", "maxmemory-policy"));

        Assert.True((await app.CommandAsync("cache", "restart")).Success);
        await app.HealthyAsync("cache");
        await using var again = await Redis.ConnectAsync(connection);
        Assert.Equal("$-1", await again.SendAsync("GET", "k"));
    }

    [Fact]
    public async Task What_was_temporary_is_gone_when_the_application_has_stopped()
    {
        var builder = Apps.Builder();
        builder.AddPostgres("postgres");
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("postgres");
        var connection = await app.GetConnectionStringAsync("postgres", TestContext.Current.CancellationToken);
        var folder = (string)(await ExecuteAsync(connection, "SHOW data_directory"))!;
        NpgsqlConnection.ClearAllPools();

        Assert.True(Directory.Exists(folder));
        await app.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(Path.GetDirectoryName(folder)));
    }

    [Fact]
    public async Task Two_applications_side_by_side_have_ports_of_their_own()
    {
        var (one, two) = (Apps.Builder(), Apps.Builder());
        one.AddRedis("cache");
        two.AddRedis("cache");
        await using var first = await one.StartAsync();
        await using var second = await two.StartAsync();
        await Task.WhenAll(first.HealthyAsync("cache"), second.HealthyAsync("cache"));

        Assert.NotEqual(first.GetEndpoint("cache", "tcp").Port, second.GetEndpoint("cache", "tcp").Port);
    }

    private static async Task<object?> ExecuteAsync(string? connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
#pragma warning disable CA2100 // The statements are the tests' own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
