using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KvAspire.Identity.Tests;

/// <summary>The monthly partitions of the audit log.</summary>
public sealed class AuditPartitionTests(IdentityFixture identity)
{
    private const string Before = "20261201015000_AuditAddresses";

    // What the release before sends.
    private const string Insert = "INSERT INTO audit_events (at, kind, outcome, subject) VALUES (now(), 'user.sign_in', 'failure', 'meanwhile') RETURNING id";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_migration_keeps_all_events_while_the_release_before_writes()
    {
        var database = await identity.CreateDatabaseAsync(Cancelled);
        var options = new DbContextOptionsBuilder<IdentityDb>().UseNpgsql(IdentityFixture.Roles.Migrator(database)).Options;
        await using var db = new IdentityDb(options);
        await db.GetService<IMigrator>().MigrateAsync(Before, Cancelled);
        await QueryAsync(database, "INSERT INTO audit_events (at, kind, outcome) SELECT now() - i * interval '1 day', 'old', 'success' FROM generate_series(1, 500) i");

        using var migrated = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(_ => WriteAsync(database, migrated.Token)).ToList();
        await db.Database.MigrateAsync(Cancelled);
        await migrated.CancelAsync();

        var written = (await Task.WhenAll(writers)).SelectMany(ids => ids).ToList();
        Assert.True(written.Count >= 8, $"Only {written.Count} events were written.");
        Assert.Equal(written.Count, written.Distinct().Count());
        Assert.Equal([$"{written.Count}|{written.Count}"], await QueryAsync(
            database, $"SELECT count(*), count(*) FILTER (WHERE id IN ({string.Join(',', written)})) FROM audit_events WHERE subject = 'meanwhile'"));
        Assert.Equal(["500|1|1"], await QueryAsync(database, "SELECT count(*), min(count), max(count) FROM audit_events WHERE kind = 'old' AND last_at IS NULL"));
    }

    [Fact]
    public async Task The_migration_waits_for_a_long_reader_while_the_release_before_writes()
    {
        var database = await identity.CreateDatabaseAsync(Cancelled);
        var options = new DbContextOptionsBuilder<IdentityDb>().UseNpgsql(IdentityFixture.Roles.Migrator(database)).Options;
        await using var db = new IdentityDb(options);
        await db.GetService<IMigrator>().MigrateAsync(Before, Cancelled);
        await using var postgres = NpgsqlDataSource.Create(database);
        await using var reader = await postgres.OpenConnectionAsync(Cancelled);
        await using var dump = await ReadAsync(reader);

        var migration = Task.Run(() => db.Database.MigrateAsync(Cancelled), Cancelled);
        await identity.WaitUntilHeldUpAsync(reader, migration, Cancelled);
        await using var writer = NpgsqlDataSource.Create($"{database};Command Timeout=2");
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(3);)
        {
            await using var insert = writer.CreateCommand(Insert);
            await insert.ExecuteNonQueryAsync(Cancelled);
        }

        Assert.False(migration.IsCompleted);
        await dump.RollbackAsync(Cancelled);
        await migration;
    }

    [Theory]
    [InlineData("SELECT audit_add_partitions(now() + interval '100 days')")]
    [InlineData("SELECT audit_drop_before(now() - interval '31 days')")]
    public async Task Adding_and_dropping_partitions_give_up_behind_a_long_reader(string statement)
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await QueryAsync(
            database,
            """
            DO $$
            DECLARE
                v_end timestamptz := (SELECT ends FROM audit_partition_ends() WHERE partition = 'audit_events_first'::regclass);
            BEGIN
                ALTER TABLE audit_events DETACH PARTITION audit_events_first;
                CREATE TABLE audit_events_old PARTITION OF audit_events FOR VALUES FROM (MINVALUE) TO ('2020-01-01Z');
                EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION audit_events_first FOR VALUES FROM (%L) TO (%L)', '2020-01-01Z', v_end);
            END $$
            """);
        await using var postgres = NpgsqlDataSource.Create(database);
        await using var reader = await postgres.OpenConnectionAsync(Cancelled);
        await using var dump = await ReadAsync(reader);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => QueryAsync(database, statement));
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
    }

    [Fact]
    public async Task The_coming_six_months_have_partitions_and_later_ones_follow()
    {
        await using var quick = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled));
        Assert.Equal(["True"], await QueryAsync(quick.Database, "SELECT max(ends) > now() + interval '6 months' FROM audit_partition_ends()"));

        quick.Clock.Advance(TimeSpan.FromDays(80));
        var sweeper = quick.Services.GetRequiredService<RetentionSweeper>();
        await Task.WhenAll(sweeper.RunAsync(Cancelled), sweeper.RunAsync(Cancelled), sweeper.RunAsync(Cancelled));

        Assert.Equal(["True"], await QueryAsync(quick.Database, "SELECT max(ends) > now() + interval '80 days' + interval '6 months' FROM audit_partition_ends()"));
        await QueryAsync(quick.Database, "INSERT INTO audit_events (at, kind, outcome) VALUES (now() + interval '80 days' + interval '6 months', 'later', 'success')");
    }

    [Fact]
    public async Task Retention_drops_the_months_that_are_too_old()
    {
        await using var quick = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled));
        await QueryAsync(
            quick.Database,
            """
            DO $$
            DECLARE
                v_old timestamptz := date_trunc('month', now() - interval '400 days');
                v_end timestamptz := (SELECT ends FROM audit_partition_ends() WHERE partition = 'audit_events_first'::regclass);
            BEGIN
                ALTER TABLE audit_events DETACH PARTITION audit_events_first;
                EXECUTE format('CREATE TABLE audit_events_old PARTITION OF audit_events FOR VALUES FROM (MINVALUE) TO (%L)', v_old);
                EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION audit_events_first FOR VALUES FROM (%L) TO (%L)', v_old, v_end);
                INSERT INTO audit_events (at, kind, outcome) VALUES (v_old - interval '1 second', 'old', 'success'), (v_old, 'young', 'success');
            END $$
            """);

        await quick.Services.GetRequiredService<RetentionSweeper>().RunAsync(Cancelled);

        Assert.Equal(["young"], await QueryAsync(quick.Database, "SELECT kind FROM audit_events WHERE kind IN ('old', 'young')"));
        Assert.Equal([""], await QueryAsync(quick.Database, "SELECT to_regclass('audit_events_old')::text"));
    }

    [Theory]
    [InlineData("SELECT audit_drop_before(now() - interval '29 days')")]
    [InlineData("DROP TABLE audit_events_first")]
    [InlineData("SELECT * FROM audit_events_first")]
    [InlineData("TRUNCATE audit_events_first")]
    [InlineData("ALTER TABLE audit_events DETACH PARTITION audit_events_first")]
    public Task The_role_of_the_service_cannot_remove_fresh_events(string statement) =>
        RefusedStatements.AssertRefusedAsync(IdentityFixture.Roles.Service(identity.Service.Database), statement);

    // Holds the lock of a reader until the transaction ends, as pg_dump does.
    private static async Task<NpgsqlTransaction> ReadAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var read = new NpgsqlCommand("LOCK TABLE audit_events IN ACCESS SHARE MODE", connection);
        await read.ExecuteNonQueryAsync(Cancelled);
        return transaction;
    }

    private static async Task<List<long>> WriteAsync(string database, CancellationToken migrated)
    {
        await using var source = NpgsqlDataSource.Create($"{database};Max Auto Prepare=8;Auto Prepare Min Usages=2");
        await using var connection = await source.OpenConnectionAsync(Cancelled);
        var ids = new List<long>();
        while (!migrated.IsCancellationRequested || ids.Count < 2)
        {
            await using var insert = new NpgsqlCommand(Insert, connection);
            ids.Add((long)(await insert.ExecuteScalarAsync(Cancelled))!);
        }

        return ids;
    }

    private static Task<IReadOnlyList<string>> QueryAsync(string database, string sql) => IdentityFixture.QueryAsync(database, sql, Cancelled);
}
