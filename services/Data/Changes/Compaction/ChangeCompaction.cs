using KvAspire.Data.Database;
using KvAspire.Database;
using Npgsql;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>A round of the compaction.</summary>
/// <param name="Removed">The number of changes that were removed.</param>
/// <param name="NextDue">From the begin of the round until the age of the first remaining change allows its removal.</param>
internal readonly record struct CompactionRound(long Removed, TimeSpan NextDue);

/// <summary>
/// Removes the oldest changes of owners that have too many or too old changes. It always removes all changes up to some
/// revision, and stores that revision in the same transaction. So a reader that resumes before it gets an error, never a gap.
/// </summary>
internal sealed class ChangeCompaction(NpgsqlDataSource database)
{
    private const int PageSize = 200;

    // Small enough to hold its locks, above all that of the owner's row, for milliseconds.
    private const int BatchSize = 500;

    // One replica compacts at a time: two would only wait for each other.
    private const long Lock = AdvisoryLocks.Compaction;

    // The planner must follow the index and stop early. For an owner without statistics it expects few changes, and would
    // otherwise fetch and sort all of them for each batch.
    private const string Plan = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off";

    private static readonly string SelectPage = SqlFile.Read("Changes/Compaction/ChangeCompaction.Page.sql");
    private static readonly string DeleteBatch = SqlFile.Read("Changes/Compaction/ChangeCompaction.Batch.sql");

    /// <summary>Compacts all owners, unless another replica is compacting.</summary>
    /// <returns>The round; null where another replica is compacting.</returns>
    public async Task<CompactionRound?> RunAsync(CompactionOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await TryLockAsync(connection, cancellationToken))
            return null;

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

    private static async Task<CompactionRound> CompactAsync(NpgsqlConnection connection, CompactionOptions options, CancellationToken cancellationToken)
    {
        var (removed, nextDue, last) = (0L, options.MaxAge, "");
        while (true)
        {
            var page = await ReadPageAsync(connection, last, options, cancellationToken);
            foreach (var (owner, excess, left) in page)
            {
                if (excess is not null || left < TimeSpan.Zero)
                    removed += await CompactAsync(connection, owner, excess ?? 0, options, cancellationToken);
                if (left < nextDue)
                    nextDue = left.Value;
                last = owner;
            }

            if (page.Count < PageSize)
                return new(removed, nextDue);
        }
    }

    private static async Task<long> CompactAsync(
        NpgsqlConnection connection, string owner, long excess, CompactionOptions options, CancellationToken cancellationToken)
    {
        var removed = 0L;
        while (true)
        {
            await using var command = new NpgsqlCommand(DeleteBatch, connection)
                .With(owner).With(excess).With(options.MaxAge).With(BatchSize);
            var batch = await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
            removed += batch;
            if (batch < BatchSize)
                return removed;
        }
    }

    private static async Task<List<(string Owner, long? Excess, TimeSpan? Left)>> ReadPageAsync(
        NpgsqlConnection connection, string after, CompactionOptions options, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectPage, connection)
            .With(after).With(options.MaxAge).With((long)options.MaxChanges).With(PageSize);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var page = new List<(string, long?, TimeSpan?)>();
        while (await reader.ReadAsync(cancellationToken))
            page.Add((reader.GetString(0), reader.NumberAt(1), reader.IsDBNull(2) ? null : TimeSpan.FromSeconds(reader.GetDouble(2))));
        return page;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Lock})", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // A lost connection has lost the lock as well.
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        if (connection.State is not System.Data.ConnectionState.Open)
            return;

        await using var command = new NpgsqlCommand($"RESET ALL; SELECT pg_advisory_unlock({Lock})", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
