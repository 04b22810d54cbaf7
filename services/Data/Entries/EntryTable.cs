using System.Data;
using KvAspire.Data.Cache;
using KvAspire.Data.Database;
using KvAspire.Data.Writes;
using KvAspire.Database;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Entries;

/// <summary>Reads entries from Postgres, and sweeps expired rows. Changes go through <see cref="Writes.WriteLanes"/>.</summary>
internal sealed class EntryTable(NpgsqlDataSource database, HotSources sources, CacheMetrics metrics)
{
    private static readonly string Select = SqlFile.Read("Entries/EntryTable.Select.sql");

    private static readonly string Sweep = SqlFile.Read("Entries/EntryTable.Sweep.sql");

    private const string SelectSizes =
        """
        SELECT key, size FROM entries
        WHERE owner = $1 AND key = ANY($2) AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        """;

    private const string SelectExpired =
        "SELECT DISTINCT owner FROM (SELECT owner FROM entries WHERE expires_at <= now() AND deleted_at IS NULL ORDER BY expires_at LIMIT $1) due";

    private static readonly string Lock = $"SELECT pg_advisory_xact_lock({AdvisoryLocks.OwnerStripes}, $1)";

    private const string Expire = "SELECT kv_expire_locked_1($1, clock_timestamp(), $2)";

    private const string SweepIdempotency =
        "DELETE FROM idempotency WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency WHERE created_at < now() - interval '24 hours' LIMIT $1))";

    /// <summary>Reads an entry, its tombstone, or its absence.</summary>
    public async Task<EntryRow> ReadAsync(EntryId id, CancellationToken cancellationToken)
    {
        metrics.Load();
        try
        {
            return await QueryAsync(id, cancellationToken);
        }
        catch (NpgsqlException exception) when (exception is { IsTransient: true, InnerException: not TimeoutException })
        {
            RequestSpan.Happened("kvaspire.retry", "error.type", exception.GetType().Name);
            // Most likely a pooled connection from before a restart of Postgres. Reading again is safe.
            return await QueryAsync(id, cancellationToken);
        }
    }

    /// <summary>The sizes of existing entries: bytes of key, value and metadata.</summary>
    public async Task<Dictionary<string, int>> ReadSizesAsync(string owner, string[] keys, CancellationToken cancellationToken)
    {
        await using var command = sources.Reads.CreateCommand(SelectSizes).With(owner).With(keys);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            sizes.Add(reader.GetString(0), reader.GetInt32(1));
        return sizes;
    }

    /// <summary>Removes tombstones that are older than <paramref name="age"/>.</summary>
    /// <returns>The number of rows; <paramref name="limit"/> if there may be more.</returns>
    public async Task<int> SweepAsync(TimeSpan age, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sweep).With(age).With(limit);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Turns expired entries into tombstones and updates the usage.</summary>
    /// <returns>The number of entries; at least <paramref name="limit"/> if there may be more.</returns>
    public async Task<long> ExpireAsync(int limit, CancellationToken cancellationToken)
    {
        var owners = new List<string>();
        await using (var command = database.CreateCommand(SelectExpired))
        {
            command.With(limit);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                owners.Add(reader.GetString(0));
        }

        var expired = 0L;
        foreach (var owner in owners)
            expired += await ExpireAsync(owner, limit, cancellationToken);
        return expired;
    }

    /// <summary>Removes old records of idempotency keys.</summary>
    /// <returns>The number of rows; <paramref name="limit"/> if there may be more.</returns>
    public async Task<int> SweepIdempotencyAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SweepIdempotency).With(limit);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Like a write, it holds the owner's lock, and its statement begins after the lock is taken.
    private async Task<long> ExpireAsync(string owner, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var taking = new NpgsqlCommand(Lock, connection, transaction).With(WriteBatch.StripeOf(owner)))
            await taking.ExecuteNonQueryAsync(cancellationToken);

        await using var expiring = new NpgsqlCommand(Expire, connection, transaction).With(owner).With(limit);
        var count = (long)(await expiring.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    private async Task<EntryRow> QueryAsync(EntryId id, CancellationToken cancellationToken)
    {
        await using var command = sources.Reads.CreateCommand(Select).With(id.Owner).With(id.Key);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0)
            ? new(reader.GetInt64(4), default, IsAbsent: true)
            : new(reader.GetInt64(0), EntryContent.Read(reader, first: 1));
    }
}
