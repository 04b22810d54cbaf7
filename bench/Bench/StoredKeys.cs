using Npgsql;

namespace KvAspire.Bench;

/// <summary>
/// Inserts many keys of one user directly into <c>datadb</c>, in the form that the writers use: storing a million through the API
/// takes as long as the rest of the benchmark.
/// </summary>
internal static class StoredKeys
{
    // Fewer than the compaction of the change log keeps for an owner, so that no compaction disturbs the measurement.
    private const int Logged = 90_000;

    // $3: whether to insert in the order of the keys, so that the rows of a page are neighbours in the table, or in random order.
    private const string Insert =
        """
        INSERT INTO entries (owner, key, value, size, revision, created_at, updated_at)
        SELECT $1, key, value, octet_length(key) + octet_length(value), nextval('entry_revisions'), now(), now()
        FROM (SELECT 'k' || lpad(n::text, 7, '0') AS key, '"' || lpad(n::text, 98, 'x') || '"' AS value
            FROM generate_series(1, $2) n ORDER BY CASE WHEN $3 THEN n ELSE random() END) stored
        """;

    private const string Log =
        """
        INSERT INTO changes (owner, revision, key, kind, value, at)
        SELECT owner, revision, key, 1, value, now() FROM entries WHERE owner = $1 ORDER BY revision DESC LIMIT $2
        """;

    private const string Count =
        """
        INSERT INTO owners (owner, keys, bytes, last_revision, compacted_revision, compacted_at)
        SELECT $1, count(*), sum(size), max(revision), coalesce((SELECT min(revision) FROM changes WHERE owner = $1) - 1, 0), now()
        FROM entries WHERE owner = $1
        """;

    /// <summary>Key names have a fixed length.</summary>
    public static string Key(int number) => $"k{number:D7}";

    /// <summary>Stores keys 1 to <paramref name="keys"/> with values of 100 bytes, in key order or in random order.</summary>
    public static async Task StoreAsync(NpgsqlDataSource database, string owner, int keys, bool inOrder)
    {
        await ExecuteAsync(Insert, new NpgsqlParameter<string> { TypedValue = owner }, new NpgsqlParameter<int> { TypedValue = keys },
            new NpgsqlParameter<bool> { TypedValue = inOrder });
        await ExecuteAsync(Log, new NpgsqlParameter<string> { TypedValue = owner }, new NpgsqlParameter<int> { TypedValue = Logged });
        await ExecuteAsync(Count, new NpgsqlParameter<string> { TypedValue = owner });

        async Task ExecuteAsync(string statement, params NpgsqlParameter[] parameters)
        {
            await using var command = database.CreateCommand(statement);
            command.CommandTimeout = 300;
            command.Parameters.AddRange(parameters);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Runs now what Postgres would otherwise do in the background during the measurement.</summary>
    public static async Task SettleAsync(NpgsqlDataSource database)
    {
        foreach (var statement in new[] { "VACUUM (ANALYZE) entries, changes, owners", "CHECKPOINT" })
        {
            await using var command = database.CreateCommand(statement);
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }
    }
}
