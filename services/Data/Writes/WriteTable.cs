using KvAspire.Data.Database;
using KvAspire.Data.Idempotency;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>Applies batches in Postgres: one statement, one commit and one round trip for each.</summary>
internal sealed class WriteTable(HotSources sources, IOptions<QuotaOptions> quota, WriteMetrics metrics, TimeProvider time)
{
    /// <summary>Takes a connection for a batch.</summary>
    /// <exception cref="NpgsqlException">Postgres does not answer.</exception>
    public ValueTask<NpgsqlConnection> OpenAsync() => sources.Writes.OpenConnectionAsync();

    /// <summary>Applies the operations of plain requests.</summary>
    /// <exception cref="OutcomeUnknownException">The connection was lost before Postgres confirmed the commit.</exception>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    public async Task<WriteResult[]> WriteAsync(NpgsqlConnection connection, WriteBatch batch)
    {
        await using var command = WriteFunction.Of(connection, batch, quota.Value);
        return (await ExecuteAsync(command)).Results;
    }

    /// <summary>Applies one request that is atomic or idempotent.</summary>
    /// <exception cref="OutcomeUnknownException">The connection was lost before Postgres confirmed the commit.</exception>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    public async Task<(IdempotencyState State, WriteResult[] Results)> WriteAsync(
        NpgsqlConnection connection, WriteBatch batch, bool isAtomic, IdempotencyKey? idempotency)
    {
        await using var command = WriteFunction.Of(connection, batch, quota.Value, isAtomic, idempotency);
        return await ExecuteAsync(command);
    }

    // Not cancellable: a client that disconnects must not make the outcome unknown for other requests of the batch. The
    // timeout of the command ends it.
    private async Task<(IdempotencyState State, WriteResult[] Results)> ExecuteAsync(NpgsqlCommand command)
    {
        var began = time.GetTimestamp();
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var written = WriteFunction.Read(reader);
            await reader.NextResultAsync(); // the commit comes after the rows
            metrics.Commit(began);
            return written;
        }
        catch (NpgsqlException exception) when (IsLost(exception))
        {
            throw new OutcomeUnknownException(exception);
        }
    }

    // An error that Postgres reports means a rollback, except when the server shuts down (class 57P).
    private static bool IsLost(NpgsqlException exception) =>
        exception is not PostgresException { SqlState: var state } || state.StartsWith("57P", StringComparison.Ordinal);
}
