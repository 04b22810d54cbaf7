using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>
/// An upgrade has taken the file of the functions' language away from the running Postgres: new connections cannot write (58P01).
/// </summary>
public sealed class LostLanguageTests(World world)
{
    private const string Terminate =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_cannot_run_the_write_function_is_unready_and_its_writes_are_503()
    {
        await using var postgres = await OwnPostgres.StartAsync(Cancelled);
        await World.Roles.MakeAsync(postgres.Database);
        var migration = await World.MigrateAsync(World.Roles.Migrator(postgres.Database));
        Assert.True(migration.ExitCode == 0, migration.Error);
        using var log = new HeardLog();
        await using var data = new DataService(
            postgres.Database, world.Cache, world.Issuer, log: log, settings: ("FunctionProbe:Interval", "00:00:01"));
        var user = data.NewUser();
        await user.StoreAsync("k", "1");
        Assert.Equal("healthy", (await HealthAsync(data)).Status);

        // 1. The file is gone. Connections that have loaded it still write, but the check finds it out on a new one.
        postgres.TakeLanguage();
        await Eventually.TrueAsync(async () => (await HealthAsync(data)).StatusCode is 503, "The service stays ready.", Cancelled);
        var health = await HealthAsync(data);
        Assert.Equal(["write_function"], health.Ailing);
        Assert.Contains("58P01", health.Checks["write_function"].Description, StringComparison.Ordinal);
        Assert.Equal(200, (int)(await data.WithToken(null).GetAsync("/alive")).StatusCode);
        Assert.Equal(200, (int)(await user.PutAsync("/api/data/k", """{"value":2}""")).StatusCode);

        // 2. All connections are new. What a terminated one was about is unknown at first.
        await postgres.ExecuteAsync(Terminate, Cancelled);
        await Eventually.TrueAsync(async () => await CodeAsync(user) is "UNAVAILABLE", "Writes do not fail as they should.", Cancelled);
        Assert.Equal(Enumerable.Repeat("UNAVAILABLE", 20), await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CodeAsync(user))));
        await Eventually.TrueAsync(
            async () => (int)(await user.SendAsync(HttpMethod.Get, "/api/data/k", null, ("Cache-Control", "no-cache"))).StatusCode is 200, "Reads fail.", Cancelled);

        // 3. One line names the cause, and no request failed with 500.
        var cause = Assert.Single(log.Of(EventIds.DatabaseCannotServe), line => line.Text.Contains("58P01", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Error, cause.Level);
        Assert.Contains("Restart Postgres", cause.Text, StringComparison.Ordinal);
        Assert.Empty(log.Of(EventIds.RequestFailed));
        Assert.Empty(log.Of(EventIds.WriteBatchDivided));

        // 4. It recovers by itself.
        postgres.ReturnLanguage();
        await Eventually.TrueAsync(async () => (await HealthAsync(data)).Status is "healthy", "The service stays unready.", Cancelled);
        Assert.Equal(200, (int)(await user.PutAsync("/api/data/k", """{"value":3}""")).StatusCode);
    }

    private static async Task<HealthAnswer> HealthAsync(DataService data) =>
        await HealthAnswer.ReadAsync(await data.WithToken(null).GetAsync("/health"), Cancelled);

    private static async Task<string> CodeAsync(User user)
    {
        var response = await user.PutAsync("/api/data/k", """{"value":2}""");
        var body = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!;
        Assert.True((int)response.StatusCode is 503, body.ToJsonString());
        return (string)body["code"]!;
    }
}
