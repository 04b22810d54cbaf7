using Npgsql;

namespace KvAspire.Data.Revisions;

/// <summary>
/// Removes the oldest changes of owners that have too many, or too old ones. What is removed is always everything up to some
/// revision, which is noted in the same transaction: so whoever resumes before it is told, and nobody gets a gap.
/// </summary>
internal sealed class ChangeCompaction(NpgsqlDataSource database)
{
    private const int PageSize = 200;

    // Small enough to hold its locks, above all on the owner's row, for milliseconds.
    private const int BatchSize = 500;

    // One runs at a time, over all replicas: two would only wait for each other.
    private const long Lock = 0x6b76_636f_6d70; // "kvcomp"

    // Whatever the planner believes, it is to go along the index and stop: of an owner of whom it knows nothing yet it expects
    // a handful of changes, and would fetch all of them and sort them, for each batch anew.
    private const string Plan = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off";

    // Of each owner: the last change that is one too many, and the first. Revisions come from one sequence for all owners,
    // so that an owner whose revisions span no more than it may keep cannot have too many.
    private const string SelectPage =
        """
        SELECT log.owner, excess.revision, oldest.at < now() - $2
        FROM owners log
        LEFT JOIN LATERAL (SELECT at FROM changes WHERE owner = log.owner AND revision > log.compacted_revision ORDER BY revision LIMIT 1) oldest ON true
        LEFT JOIN LATERAL (
            SELECT revision FROM changes
            WHERE owner = log.owner AND revision > log.compacted_revision AND log.last_revision - log.compacted_revision > $3
            ORDER BY revision DESC OFFSET $3 LIMIT 1) excess ON true
        WHERE log.owner > $1 ORDER BY log.owner LIMIT $4
        """;

    // Goes by revision, and so stops at the first change that is to stay. A change is removed for its age only where all
    // before it are, which clocks that disagree might otherwise break. It begins behind what was removed before, which would
    // be passed again each time until a vacuum; and removes rows by their place, else the planner may read the whole log.
    private const string DeleteBatch =
        """
        WITH oldest AS MATERIALIZED (
            SELECT ctid, revision, at FROM changes
            WHERE owner = $1 AND revision > (SELECT compacted_revision FROM owners WHERE owner = $1)
            ORDER BY revision LIMIT $4),
        horizon AS (
            SELECT max(revision) AS revision FROM oldest
            WHERE revision < coalesce((SELECT min(revision) FROM oldest WHERE at >= now() - $3 AND revision > $2), 9223372036854775807)),
        gone AS (
            DELETE FROM changes
            WHERE ctid = ANY(ARRAY(SELECT oldest.ctid FROM oldest, horizon WHERE oldest.revision <= horizon.revision)) RETURNING 1)
        UPDATE owners SET compacted_revision = greatest(compacted_revision, horizon.revision), compacted_at = now()
        FROM horizon WHERE owner = $1 AND horizon.revision IS NOT NULL
        RETURNING (SELECT count(*) FROM gone)
        """;

    /// <summary>Removes what there is to remove, unless another replica is about it.</summary>
    /// <returns>How many changes.</returns>
    public async Task<long> RunAsync(CompactionOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await TryLockAsync(connection, cancellationToken))
            return 0;

        try
        {
            await using (var plan = new NpgsqlCommand(Plan, connection))
                await plan.ExecuteNonQueryAsync(cancellationToken);
            return await CompactAsync(connection, options, cancellationToken);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    private static async Task<long> CompactAsync(NpgsqlConnection connection, CompactionOptions options, CancellationToken cancellationToken)
    {
        var (removed, last) = (0L, "");
        while (true)
        {
            var page = await ReadPageAsync(connection, last, options, cancellationToken);
            foreach (var (owner, excess, isOld) in page)
            {
                if (excess is not null || isOld)
                    removed += await CompactAsync(connection, owner, excess ?? 0, options, cancellationToken);
                last = owner;
            }

            if (page.Count < PageSize)
                return removed;
        }
    }

    private static async Task<long> CompactAsync(
        NpgsqlConnection connection, string owner, long excess, CompactionOptions options, CancellationToken cancellationToken)
    {
        var removed = 0L;
        while (true)
        {
            await using var command = new NpgsqlCommand(DeleteBatch, connection);
            Add(command, owner);
            Add(command, excess);
            Add(command, options.MaxAge);
            Add(command, BatchSize);
            var batch = await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
            removed += batch;
            if (batch < BatchSize)
                return removed;
        }
    }

    private static async Task<List<(string Owner, long? Excess, bool IsOld)>> ReadPageAsync(
        NpgsqlConnection connection, string after, CompactionOptions options, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectPage, connection);
        Add(command, after);
        Add(command, options.MaxAge);
        Add(command, (long)options.MaxChanges);
        Add(command, PageSize);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var page = new List<(string, long?, bool)>();
        while (await reader.ReadAsync(cancellationToken))
            page.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), !reader.IsDBNull(2) && reader.GetBoolean(2)));
        return page;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Lock})", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // Where the connection is lost, so is the lock.
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        if (connection.State is not System.Data.ConnectionState.Open)
            return;

        await using var command = new NpgsqlCommand($"RESET ALL; SELECT pg_advisory_unlock({Lock})", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
