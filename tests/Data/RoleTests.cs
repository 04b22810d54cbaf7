using KvAspire.Data.Database;
using KvAspire.Database;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What Postgres refuses to the role of the data service. The whole suite runs as that role.</summary>
public sealed class RoleTests(World world)
{
    public static TheoryData<string> Refused =>
    [
        .. RefusedStatements.OfEveryService.Select(row => row.Data),
        "UPDATE changes SET value = '1'",
        "TRUNCATE changes",
        "SELECT setval('entry_revisions', 1)",
        "SELECT * FROM entry_revisions",
        "DROP FUNCTION kv_write_3",
    ];

    private string Service => World.Roles.Service(world.Database);

    [Theory]
    [MemberData(nameof(Refused))]
    public Task The_role_of_the_service_is_refused(string statement) =>
        RefusedStatements.AssertRefusedAsync(Service, RefusedStatements.For(statement, "entries", "datadb_migrator"));

    [Fact]
    public Task No_role_connects_to_another_database() =>
        RefusedStatements.AssertOtherDatabasesAsync(world.Database, Service, World.Roles.Migrator(world.Database));

    [Fact]
    public Task The_grants_name_every_table_and_function() =>
        RefusedStatements.AssertAllAreNamedAsync(world.Database, EmbeddedSql.Read(typeof(SqlFile).Assembly, MigrateCommand.Grants));

    [Fact]
    public async Task Objects_that_a_superuser_made_become_the_migrators()
    {
        var database = await world.NewDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        {
            foreach (var statement in new[]
            {
                "ALTER SCHEMA public OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC",
                "CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY, n serial, at date) PARTITION BY RANGE (at)",
                "CREATE TABLE made_2026 PARTITION OF made FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "CREATE SEQUENCE counted; CREATE VIEW seen AS SELECT 1; CREATE FUNCTION done() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            })
            {
                await using var command = source.CreateCommand(statement);
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => World.Roles.MakeAsync(database)));

        await using var migrator = NpgsqlDataSource.Create(World.Roles.Migrator(database));
        await using var owned = migrator.CreateCommand(
            """
            SELECT count(*) FROM (
                SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
                UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'public') made
            WHERE owner = 'datadb_migrator'::regrole
            """);
        Assert.Equal(8L, await owned.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await using var drop = migrator.CreateCommand("DROP TABLE made; DROP SEQUENCE counted; DROP VIEW seen; DROP FUNCTION done");
        await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await RefusedStatements.AssertRefusedAsync(World.Roles.Service(database), "CREATE TABLE mine (id int)");
    }
}
