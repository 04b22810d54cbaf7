using System.Data;
using Npgsql;

namespace KvAspire.Data.Entries;

/// <summary>
/// The entries in Postgres, one statement and one commit each. The row, tombstone or not, is the lock that writers of a
/// key queue for; its revision is drawn while it is held, so that revisions of a key grow in the order of the commits.
/// </summary>
internal sealed class EntryTable(NpgsqlDataSource database)
{
    private const string Select = "SELECT revision, value FROM entries WHERE owner = $1 AND key = $2";

    // Where a live entry is found nothing is returned. On a conflict the second nextval counts: the first was drawn
    // before the lock was.
    private const string Insert =
        $"""
        INSERT INTO entries AS entry (owner, key, value, revision, created_at, updated_at)
        VALUES ($1, $2, $3, nextval('{EntryModel.Revisions}'), now(), now())
        ON CONFLICT (owner, key) DO UPDATE
        SET value = excluded.value, revision = nextval('{EntryModel.Revisions}'), created_at = now(), updated_at = now(), deleted_at = NULL
        WHERE entry.value IS NULL
        RETURNING revision
        """;

    private const string Update =
        $"""
        UPDATE entries SET value = $3, revision = nextval('{EntryModel.Revisions}'), updated_at = now()
        WHERE owner = $1 AND key = $2 AND value IS NOT NULL
        RETURNING revision
        """;

    private const string Bury =
        $"""
        UPDATE entries SET value = NULL, revision = nextval('{EntryModel.Revisions}'), updated_at = now(), deleted_at = now()
        WHERE owner = $1 AND key = $2 AND value IS NOT NULL
        RETURNING revision
        """;

    // Sweepers of several replicas pass each other's rows by. A row that was re-created meanwhile is checked again once
    // it is locked, and left.
    private const string Sweep =
        """
        DELETE FROM entries WHERE (owner, key) IN (
            SELECT owner, key FROM entries WHERE deleted_at < now() - $1
            ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>Reads an entry or its tombstone.</summary>
    public async Task<EntryRow?> ReadAsync(EntryId id, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOnceAsync(id, cancellationToken);
        }
        catch (NpgsqlException exception) when (exception is { IsTransient: true, InnerException: not TimeoutException })
        {
            // Most likely a pooled connection from before a restart of Postgres. To read twice harms nobody.
            return await ReadOnceAsync(id, cancellationToken);
        }
    }

    /// <summary>Stores a new entry.</summary>
    /// <returns>Its revision, or null where the key exists.</returns>
    public Task<long?> CreateAsync(EntryId id, byte[] value) => WriteAsync(Insert, id, value);

    /// <summary>Replaces the value of an entry.</summary>
    /// <returns>Its revision, or null where there is none.</returns>
    public Task<long?> UpdateAsync(EntryId id, byte[] value) => WriteAsync(Update, id, value);

    /// <summary>Leaves a tombstone in place of an entry.</summary>
    /// <returns>Its revision, or null where there is none.</returns>
    public Task<long?> DeleteAsync(EntryId id) => WriteAsync(Bury, id, value: null);

    /// <summary>Removes tombstones that are older than <paramref name="age"/>.</summary>
    /// <returns>How many; <paramref name="limit"/> when there may be more.</returns>
    public async Task<int> SweepAsync(TimeSpan age, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sweep);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<EntryRow?> ReadOnceAsync(EntryId id, CancellationToken cancellationToken)
    {
        await using var command = Command(Select, id);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1))
            : null;
    }

    // Not cancellable: a client that hangs up must not leave us in doubt whether its change was committed, and the cache
    // untold. The command's time-out ends it.
    private async Task<long?> WriteAsync(string statement, EntryId id, byte[]? value)
    {
        await using var command = Command(statement, id);
        if (value is not null)
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });

        return await command.ExecuteScalarAsync(CancellationToken.None) as long?;
    }

    private NpgsqlCommand Command(string statement, EntryId id)
    {
        var command = database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Owner });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Key });
        return command;
    }
}
