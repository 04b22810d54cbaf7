using KvAspire.Data.Database;
using KvAspire.Data.Idempotency;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace KvAspire.Data.Writes;

/// <summary>Applies batches in Postgres: one statement, one commit and one round trip for each.</summary>
internal sealed class WriteTable(HotSources sources, IOptions<QuotaOptions> quota)
{
    private const string Write =
        "SELECT outcomes, revisions, results FROM kv_write_3($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

    private const string WriteOnce =
        """
        SELECT state, outcomes, revisions, results
        FROM kv_write_once_3($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
        """;

    private const NpgsqlDbType TextArray = NpgsqlDbType.Array | NpgsqlDbType.Text;

    /// <summary>Makes ready for a batch.</summary>
    /// <exception cref="NpgsqlException">Postgres does not answer.</exception>
    public ValueTask<NpgsqlConnection> OpenAsync() => sources.Writes.OpenConnectionAsync();

    /// <summary>Applies the operations of some plain requests.</summary>
    /// <exception cref="OutcomeUnknownException">Postgres was lost on the way.</exception>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    public async Task<WriteResult[]> WriteAsync(NpgsqlConnection connection, WriteBatch batch)
    {
        await using var command = Command(connection, Write, batch);
        return (await ExecuteAsync(command, first: 0)).Results;
    }

    /// <summary>Applies one request that is all or nothing, or to be done once.</summary>
    /// <exception cref="OutcomeUnknownException">Postgres was lost on the way.</exception>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    public async Task<(OnceState State, WriteResult[] Results)> WriteAsync(NpgsqlConnection connection, WriteBatch batch, bool isAtomic, OnceKey? once)
    {
        await using var command = Command(connection, WriteOnce, batch);
        Add(command, isAtomic, NpgsqlDbType.Boolean);
        Add(command, once?.Owner, NpgsqlDbType.Text);
        Add(command, once?.Key, NpgsqlDbType.Text);
        Add(command, once?.Part ?? 0, NpgsqlDbType.Integer);
        Add(command, once?.Fingerprint, NpgsqlDbType.Bytea);
        return await ExecuteAsync(command, first: 1);
    }

    // Not cancellable: a client that hangs up must not leave its neighbours in doubt. The command's time-out ends it.
    private static async Task<(OnceState State, WriteResult[] Results)> ExecuteAsync(NpgsqlCommand command, int first)
    {
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var state = first == 0 ? OnceState.Done : (OnceState)reader.GetInt16(0);
            var results = reader.IsDBNull(first) ? [] : Results(reader, first);
            await reader.NextResultAsync(); // the commit comes after the rows
            return (state, results);
        }
        catch (NpgsqlException exception) when (IsLost(exception))
        {
            throw new OutcomeUnknownException(exception);
        }
    }

    private static WriteResult[] Results(NpgsqlDataReader reader, int first)
    {
        var outcomes = reader.GetFieldValue<short[]>(first);
        var revisions = reader.GetFieldValue<long[]>(first + 1);
        var values = reader.GetFieldValue<byte[]?[]>(first + 2);

        var results = new WriteResult[outcomes.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = new((WriteOutcome)outcomes[i], revisions[i], values[i]);
        return results;
    }

    // What the server says of a statement, it says of one that it has undone; unless it says that it is going away.
    private static bool IsLost(NpgsqlException exception) =>
        exception is not PostgresException { SqlState: var state } || state.StartsWith("57P", StringComparison.Ordinal);

    private NpgsqlCommand Command(NpgsqlConnection connection, string text, WriteBatch batch)
    {
        var command = new NpgsqlCommand(text, connection);
        Add(command, batch.Owners, TextArray);
        Add(command, batch.Keys, TextArray);
        Add(command, batch.Kinds, NpgsqlDbType.Array | NpgsqlDbType.Smallint);
        Add(command, batch.Values, TextArray);
        Add(command, batch.Metadata, TextArray);
        Add(command, batch.ExpiresAt, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
        Add(command, batch.Matches, TextArray);
        Add(command, batch.NoneMatches, TextArray);
        Add(command, batch.Actors, TextArray);
        Add(command, batch.TraceIds, TextArray);
        Add(command, batch.Rounds, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(command, batch.RoundCount, NpgsqlDbType.Integer);
        Add(command, quota.Value.Keys, NpgsqlDbType.Bigint);
        Add(command, quota.Value.Bytes, NpgsqlDbType.Bigint);
        Add(command, batch.LockedStripes, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(command, batch.DistinctOwners, TextArray);
        Add(command, batch.NewKeys, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(command, batch.NewBytes, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        return command;
    }

    private static void Add<T>(NpgsqlCommand command, T value, NpgsqlDbType type) =>
        command.Parameters.Add(value is null
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type }
            : new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
}
