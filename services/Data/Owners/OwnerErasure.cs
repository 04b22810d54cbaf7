using KvAspire.Data.Writes;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>Removes whatever names an owner, from Postgres and from the cache, in small batches and any number of times.</summary>
/// <remarks>
/// 1. Under the lock that writers take, so after whoever has it: marks the owner as erased, and removes the row that every
///    write needs. From here on the database refuses to store anything for the owner (<see cref="ErasedOwner"/>), be it a
///    write that waits for the lock, one that another replica let in, or one whose process has died since.
/// 2. Removes the rest, until there is nothing left in any table. Each batch takes the lock for milliseconds, for the sake
///    of those who share it; nobody can turn an expired entry into a change meanwhile.
/// 3. Removes the images. A reader that was under way may fill one again, which lives for seconds; whoever wants to be
///    rid of it at once asks again.
/// </remarks>
internal sealed class OwnerErasure(NpgsqlDataSource database, CacheErasure cache)
{
    private const int BatchSize = 1_000;

    private const string Lock = "SELECT pg_advisory_xact_lock(27510, $1)";

    private const string Mark =
        """
        WITH marked AS (
            INSERT INTO erased_owners (owner_hash, erased_at) VALUES (sha256(convert_to($1, 'UTF8')), now())
            ON CONFLICT (owner_hash) DO UPDATE SET erased_at = excluded.erased_at)
        DELETE FROM owners WHERE owner = $1
        """;

    // Whatever table has an owner, so that a new one is not forgotten.
    private const string SelectTables =
        """
        SELECT quote_ident(columns.table_name) FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE column_name = 'owner' AND table_schema = current_schema() AND table_type = 'BASE TABLE'
        """;

    private const string Forget = "DELETE FROM erased_owners WHERE erased_at < now() - $1";

    /// <summary>Erases an owner.</summary>
    public async Task RunAsync(string owner, CancellationToken cancellationToken)
    {
        // 1.
        await ExecuteLockedAsync(Mark, owner, cancellationToken);

        // 2.
        var tables = await ReadTablesAsync(cancellationToken);
        while (await RemoveAsync(tables, owner, cancellationToken) > 0)
            await Task.Yield();

        // 3.
        await cache.RemoveAsync(owner);
    }

    /// <summary>Forgets which owners were erased longer ago than that.</summary>
    public async Task<int> ForgetAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Forget);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // How many rows there were.
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

    // The statement begins once the lock is taken, and so sees what its last holder left.
    private async Task<int> ExecuteLockedAsync(string statement, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var taking = new NpgsqlCommand(Lock, connection, transaction))
        {
            taking.Parameters.Add(new NpgsqlParameter<int> { TypedValue = WriteBatch.StripeOf(owner) });
            await taking.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = new NpgsqlCommand(statement, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        var rows = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }
}
