using System.Data;
using KvAspire.Data.Database;
using KvAspire.Data.Writes;
using Npgsql;

namespace KvAspire.Data.Entries;

/// <summary>Reads entries from Postgres, and sweeps what is gone. Changes go through <see cref="Writes.WritePipeline"/>.</summary>
internal sealed class EntryTable(NpgsqlDataSource database, HotSources sources, CacheMetrics metrics)
{
    // One statement, and so one snapshot, for the row and for how far its owner's changes reach.
    private const string Select =
        """
        SELECT entry.revision, entry.value, entry.metadata, entry.expires_at, coalesce(usage.last_revision, 0)
        FROM (SELECT) always
        LEFT JOIN entries entry ON entry.owner = $1 AND entry.key = $2
        LEFT JOIN owners usage ON usage.owner = $1
        """;

    // Sweepers of several replicas pass each other's rows by. A row that was re-created meanwhile is checked again once
    // it is locked, and left.
    private const string Sweep =
        """
        DELETE FROM entries WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM entries WHERE deleted_at < now() - $1
            ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private const string SelectExpired =
        "SELECT DISTINCT owner FROM (SELECT owner FROM entries WHERE expires_at <= now() AND deleted_at IS NULL ORDER BY expires_at LIMIT $1) due";

    private const string Lock = "SELECT pg_advisory_xact_lock(27510, $1)";

    private const string Expire = "SELECT kv_expire_locked_1($1, clock_timestamp(), $2)";

    private const string SweepOnce =
        "DELETE FROM idempotency WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency WHERE created_at < now() - interval '24 hours' LIMIT $1))";

    /// <summary>Reads an entry, its tombstone, or that there is none.</summary>
    public async Task<EntryRow> ReadAsync(EntryId id, CancellationToken cancellationToken)
    {
        metrics.Load();
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

    /// <summary>Removes tombstones that are older than <paramref name="age"/>.</summary>
    /// <returns>How many; <paramref name="limit"/> when there may be more.</returns>
    public async Task<int> SweepAsync(TimeSpan age, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sweep);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Turns entries that have expired into tombstones, and counts them off.</summary>
    /// <returns>How many; at least <paramref name="limit"/> when there may be more.</returns>
    public async Task<long> ExpireAsync(int limit, CancellationToken cancellationToken)
    {
        var owners = new List<string>();
        await using (var command = database.CreateCommand(SelectExpired))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                owners.Add(reader.GetString(0));
        }

        var expired = 0L;
        foreach (var owner in owners)
            expired += await ExpireAsync(owner, limit, cancellationToken);
        return expired;
    }

    /// <summary>Forgets how old requests with an <c>Idempotency-Key</c> came out.</summary>
    /// <returns>How many; <paramref name="limit"/> when there may be more.</returns>
    public async Task<int> SweepOnceAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SweepOnce);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // As writers do: under the owner's lock, and in a statement that began after it was taken.
    private async Task<long> ExpireAsync(string owner, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var taking = new NpgsqlCommand(Lock, connection, transaction))
        {
            taking.Parameters.Add(new NpgsqlParameter<int> { TypedValue = WriteBatch.StripeOf(owner) });
            await taking.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var expiring = new NpgsqlCommand(Expire, connection, transaction);
        expiring.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        expiring.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var count = (long)(await expiring.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    private async Task<EntryRow> ReadOnceAsync(EntryId id, CancellationToken cancellationToken)
    {
        await using var command = sources.Reads.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Owner });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Key });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0)
            ? new(reader.GetInt64(4), default, IsAbsent: true)
            : new(reader.GetInt64(0), new(
                reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)));
    }
}
