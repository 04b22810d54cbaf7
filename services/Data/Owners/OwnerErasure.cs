using KvAspire.Data.Cache;
using KvAspire.Data.Database;
using KvAspire.Data.Writes;
using KvAspire.Database;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>Erases an owner from Postgres and from the cache, in small batches. It may be repeated at any time.</summary>
/// <remarks>
/// 1. Under the lock that writers take: marks the owner as erased, and removes the row that every write needs. From then on
///    the database refuses to store anything for the owner (<see cref="ErasedOwner"/>): writes that wait for the lock, writes
///    that another replica admitted, and writes whose process has died.
/// 2. Removes all other rows, until no table has any. Each batch holds the lock for milliseconds, because other owners share
///    it. The lock keeps the sweeper from turning an expired entry into a change meanwhile.
/// 3. Removes the images. A running reader may fill one again, which lives for seconds; a repeated erasure removes it too.
/// </remarks>
internal sealed class OwnerErasure(NpgsqlDataSource database, CacheErasure cache)
{
    private const int BatchSize = 1_000;

    private static readonly string Lock = $"SELECT pg_advisory_xact_lock({AdvisoryLocks.OwnerStripes}, $1)";

    private static readonly string Mark = SqlFile.Read("Owners/OwnerErasure.Mark.sql");

    // All tables with an owner, so that a new table is not forgotten.
    private const string SelectTables =
        """
        SELECT quote_ident(columns.table_name) FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE column_name = 'owner' AND table_schema = current_schema() AND table_type = 'BASE TABLE'
        """;

    private const string Forget = "DELETE FROM erased_owners WHERE erased_at < now() - $1";

    /// <summary>Erases an owner.</summary>
    /// <returns>Whether the cache confirmed it. If not, the erasure must be repeated.</returns>
    public async Task<bool> RunAsync(string owner, CancellationToken cancellationToken)
    {
        // 1.
        await ExecuteLockedAsync(Mark, owner, cancellationToken);

        // 2.
        var tables = await ReadTablesAsync(cancellationToken);
        while (await RemoveAsync(tables, owner, cancellationToken) > 0)
            await Task.Yield();

        // 3.
        return await cache.RemoveAsync(owner);
    }

    /// <summary>Removes marks that are older than <paramref name="age"/>.</summary>
    public async Task<int> ForgetAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Forget).With(age);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Returns the number of rows.
    private async Task<long> RemoveAsync(List<string> tables, string owner, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var table in tables)
        {
            var statement = $"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE owner = $1 LIMIT {BatchSize}))";
            int batch;
            do
            {
                batch = await ExecuteLockedAsync(statement, owner, cancellationToken);
                removed += batch;
            }
            while (batch == BatchSize);
        }

        return removed;
    }

    private async Task<List<string>> ReadTablesAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectTables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            tables.Add(reader.GetString(0));
        return tables;
    }

    // The statement begins after the lock is taken, so it sees what the last holder has stored.
    private async Task<int> ExecuteLockedAsync(string statement, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var taking = new NpgsqlCommand(Lock, connection, transaction).With(WriteBatch.StripeOf(owner)))
            await taking.ExecuteNonQueryAsync(cancellationToken);

        await using var command = new NpgsqlCommand(statement, connection, transaction).With(owner);
        var rows = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }
}
