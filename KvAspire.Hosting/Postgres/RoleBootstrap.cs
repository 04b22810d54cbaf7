using Npgsql;

namespace KvAspire.Hosting.Postgres;

/// <summary>
/// Runs <c>Roles.sql</c> in a database. Concurrent runs queue, because they change the same rows of the server's catalogs.
/// </summary>
internal static class RoleBootstrap
{
    private const long AdvisoryLock = 0x6B76_726F_6C65; // "kvrole", in the database postgres

    private static readonly string[] Names = ["roles", "migrator_password", "service_password"];

    /// <param name="server">The superuser's connection string.</param>
    /// <param name="database">The database.</param>
    /// <param name="roles">How the names of the roles begin.</param>
    /// <param name="migratorPassword">The migrator's password.</param>
    /// <param name="servicePassword">The service's password.</param>
    /// <param name="cancellationToken">Ends the attempt, which leaves all or nothing in the database.</param>
    public static async Task RunAsync(
        string server, string database, string roles, string migratorPassword, string servicePassword,
        CancellationToken cancellationToken)
    {
        await using var queue = await OpenAsync(server, "postgres", cancellationToken); // its end releases the lock
        await using var enter = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock})", queue);
        await enter.ExecuteNonQueryAsync(cancellationToken);

        // The server would log a statement that fails, with the passwords in it.
        await using var connection = await OpenAsync(server, database, cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT set_config('log_min_messages', 'panic', false)"),
                new("SELECT set_config('kvaspire.' || name, value, false) FROM unnest($1, $2) AS setting (name, value)")
                {
                    Parameters =
                    {
                        new() { Value = Names }, new() { Value = new[] { roles, migratorPassword, servicePassword } },
                    },
                },
                new(Script()),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string server, string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(server) { Database = database, Pooling = false, CommandTimeout = 60 };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static string Script()
    {
        using var reader = new StreamReader(typeof(RoleBootstrap).Assembly.GetManifestResourceStream("Postgres/Roles.sql")!);
        return reader.ReadToEnd();
    }
}
