using Npgsql;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>What Postgres refuses to the role of every service.</summary>
public static class RefusedStatements
{
    /// <summary>Statements; <see cref="For"/> replaces the names in braces.</summary>
    public static TheoryData<string> OfEveryService { get; } =
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "ALTER ROLE CURRENT_USER CREATEROLE",
        "ALTER ROLE CURRENT_USER REPLICATION",
        "SET ROLE postgres",
        "SET ROLE {migrator}",
        "SET session_replication_role = replica",
        "ALTER TABLE {table} ADD COLUMN mine int",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "CREATE INDEX mine ON {table} ((1))",
        "DROP TABLE {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} OWNER TO CURRENT_USER",
        "SELECT * FROM \"__EFMigrationsHistory\"",
        "DELETE FROM \"__EFMigrationsHistory\"",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY {table} TO PROGRAM 'true'",
    ];

    /// <summary>A statement of <see cref="OfEveryService"/> with these names.</summary>
    public static string For(string statement, string table, string migrator) =>
        statement.Replace("{table}", table, StringComparison.Ordinal).Replace("{migrator}", migrator, StringComparison.Ordinal);

    /// <summary>Asserts that a connection is refused a statement for want of a right.</summary>
    public static async Task AssertRefusedAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        var refused = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        });
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    /// <summary>Asserts that roles may connect neither to the database of another service nor to those that every server has.</summary>
    public static async Task AssertOtherDatabasesAsync(string superuser, params string[] roles)
    {
        var other = new NpgsqlConnectionStringBuilder(superuser) { Database = $"other_{Guid.NewGuid():N}" };
        await using (var source = NpgsqlDataSource.Create(superuser))
        await using (var create = source.CreateCommand($"CREATE DATABASE {other.Database}"))
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await new ServiceRoles("otherdb").MakeAsync(other.ConnectionString);

        foreach (var role in roles)
        {
            foreach (var database in new[] { other.Database, "postgres", "template1" })
                await AssertRefusedAsync(new NpgsqlConnectionStringBuilder(role) { Database = database }.ConnectionString, "SELECT 1");
        }
    }

    /// <summary>Asserts that <c>Grants.sql</c> names each table, view, sequence and function of a database.</summary>
    public static async Task AssertAllAreNamedAsync(string database, string grants)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT relispartition
                AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND relkind = 'S' AND deptype = 'i')
            UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            """);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var words = grants.Split([' ', ',', ';', '"', '\n', '(']);
        var names = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            names.Add(reader.GetString(0));
        Assert.NotEmpty(names);
        Assert.Empty(names.Except(words));
    }
}
