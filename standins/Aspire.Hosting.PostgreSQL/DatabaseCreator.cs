using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aspire.Hosting.Postgres;

/// <summary>Creates the databases of a server that is ready.</summary>
internal static class DatabaseCreator
{
    public static async Task CreateAsync(PostgresServerResource server, ResourceReadyEvent ready, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.GetConnectionStringAsync(cancellationToken))
        {
            Database = "postgres",
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var existing = await ExistingAsync(connection, cancellationToken);
        var log = ready.Services.GetRequiredService<ResourceLoggerService>().Log(server.Name);
        foreach (var name in server.Databases.Values.Distinct().Except(existing))
            await CreateAsync(connection, name, log, cancellationToken);
    }

    private static async Task CreateAsync(
        NpgsqlConnection connection, string name, ResourceLog log, CancellationToken cancellationToken)
    {
        var quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
#pragma warning disable CA2100 // A name cannot be a parameter of the statement; it is quoted.
        await using var create = new NpgsqlCommand($"CREATE DATABASE {quoted}", connection);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync(cancellationToken);
        log.Write($"Created the database '{name}'.", isError: false);
    }

    private static async Task<List<string>> ExistingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await using var select = new NpgsqlCommand("SELECT datname FROM pg_database", connection);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            names.Add(rows.GetString(0));

        return names;
    }
}
