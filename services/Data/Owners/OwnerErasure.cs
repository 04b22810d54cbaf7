using System.Threading.Channels;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>
/// Removes whatever names an owner, from Postgres and from the cache, in small batches and any number of times. A write that
/// was let in before the owner's tokens were revoked may still be under way; <see cref="ErasureAfterwards"/> looks again
/// when it has long ended.
/// </summary>
internal sealed class OwnerErasure(NpgsqlDataSource database, CacheErasure cache)
{
    private const int BatchSize = 1_000;

    // What must be gone only as fast as one comes to it. More than these wait for nobody: the caller repeats itself.
    private const int MaxPending = 10_000;

    // Whatever table has an owner, so that a new one is not forgotten. The row that counts comes last: while it is there,
    // there may be more.
    private const string SelectTables =
        """
        SELECT quote_ident(columns.table_name) FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE column_name = 'owner' AND table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY columns.table_name = 'owners'
        """;

    private readonly Channel<string> erased = Channel.CreateBounded<string>(MaxPending);

    /// <summary>The owners that were erased, to be looked at again.</summary>
    public ChannelReader<string> Erased => erased.Reader;

    /// <summary>Erases an owner.</summary>
    public async Task RunAsync(string owner, CancellationToken cancellationToken)
    {
        await RemoveAsync(owner, cancellationToken);
        erased.Writer.TryWrite(owner);
    }

    /// <summary>Removes what is there now.</summary>
    public async Task RemoveAsync(string owner, CancellationToken cancellationToken)
    {
        foreach (var table in await ReadTablesAsync(cancellationToken))
        {
            var statement = $"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE owner = $1 LIMIT {BatchSize}))";
            while (await ExecuteAsync(statement, owner, cancellationToken) == BatchSize)
                await Task.Yield();
        }

        await cache.RemoveAsync(owner);
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

    private async Task<int> ExecuteAsync(string statement, string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
