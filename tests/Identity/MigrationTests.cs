using KvAspire.Identity.Tests.Fixtures;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class MigrationTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_runs_and_a_repeat_all_succeed()
    {
        var created = await identity.CreateDatabaseAsync(Cancelled);
        var database = IdentityFixture.Roles.Migrator(created);
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServiceProcess.MigrateAsync(database, Cancelled)));
        Assert.All(runs, run => Assert.Equal((0, ""), (run.ExitCode, run.Error)));
        Assert.Equal(0, (await ServiceProcess.MigrateAsync(database, Cancelled)).ExitCode);
        Assert.Equal(["audit_events", "erasures", "failed_sign_ins", "signing_keys", "users"], await IdentityFixture.QueryAsync(
            database,
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('audit_events', 'erasures', 'failed_sign_ins', 'signing_keys', 'users') ORDER BY 1",
            Cancelled));
    }

    [Fact]
    public async Task Failure_exits_with_1_and_one_sentence()
    {
        var refused = new NpgsqlConnectionStringBuilder(identity.Service.Database) { Password = "wrong" }.ConnectionString;
        var run = await ServiceProcess.MigrateAsync(refused, Cancelled);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("identitydb could not be migrated: 28P01: password authentication failed for user", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Missing_connection_string_is_named()
    {
        var run = await ServiceProcess.RunAsync(["migrate"], [], Cancelled);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ConnectionStrings:identitydb", run.Error, StringComparison.Ordinal);
    }
}
