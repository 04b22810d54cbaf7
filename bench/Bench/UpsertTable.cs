using Npgsql;

namespace KvAspire.Bench;

/// <summary>A table for pgbench with rows like the system's, in the same Postgres with the same settings.</summary>
internal static class UpsertTable
{
    /// <summary>Creates and fills the table.</summary>
    /// <returns>pgbench's environment variables for the connection.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> CreateAsync(string connectionString, int keys)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var create = database.CreateCommand(
            $"""
            CREATE TABLE bench (owner text COLLATE "C", key text COLLATE "C", value text NOT NULL, PRIMARY KEY (owner, key));
            INSERT INTO bench SELECT 'bench', 'k' || n, repeat('0', 100) FROM generate_series(1, {keys}) n;
            """);
        await create.ExecuteNonQueryAsync();

        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return new Dictionary<string, string>
        {
            ["PGHOST"] = settings.Host!,
            ["PGPORT"] = $"{settings.Port}",
            ["PGUSER"] = settings.Username!,
            ["PGPASSWORD"] = settings.Password!,
            ["PGDATABASE"] = settings.Database!,
        };
    }

    public static string Pgbench() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [])
            .Select(folder => Path.Combine(folder, "pgbench"))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("pgbench is missing: install the package 'postgresql'.");
}
