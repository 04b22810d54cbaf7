using KvAspire.Data.Database;
using KvAspire.Data.Idempotency;
using Npgsql;
using NpgsqlTypes;

namespace KvAspire.Data.Writes;

/// <summary>
/// Calls the write functions of the database (<c>Database/Functions/kv_write.4.sql</c>, <c>kv_write_once.4.sql</c>). Only this
/// class knows the order of their arguments and results.
/// </summary>
internal static class WriteFunction
{
    private const string Write =
        "SELECT outcomes, revisions, results FROM kv_write_4($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

    private const string WriteOnce =
        """
        SELECT state, outcomes, revisions, results
        FROM kv_write_once_4(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
        """;

    private const NpgsqlDbType TextArray = NpgsqlDbType.Array | NpgsqlDbType.Text;
    private const NpgsqlDbType IntegerArray = NpgsqlDbType.Array | NpgsqlDbType.Integer;
    private const NpgsqlDbType BigintArray = NpgsqlDbType.Array | NpgsqlDbType.Bigint;

    /// <summary>Creates the call for plain requests.</summary>
    public static NpgsqlCommand Of(NpgsqlConnection connection, WriteBatch batch, QuotaOptions quota) =>
        Bind(new NpgsqlCommand(Write, connection), batch, quota);

    /// <summary>Creates the call for one request that is atomic or idempotent.</summary>
    public static NpgsqlCommand Of(
        NpgsqlConnection connection, WriteBatch batch, QuotaOptions quota, bool isAtomic, IdempotencyKey? idempotency) =>
        Bind(new NpgsqlCommand(WriteOnce, connection), batch, quota)
            .With(isAtomic, NpgsqlDbType.Boolean)
            .With(idempotency?.Owner, NpgsqlDbType.Text)
            .With(idempotency?.Key, NpgsqlDbType.Text)
            .With(idempotency?.Part ?? 0, NpgsqlDbType.Integer)
            .With(idempotency?.Fingerprint, NpgsqlDbType.Bytea)
            .With(idempotency?.FingerprintBefore, NpgsqlDbType.Bytea);

    /// <summary>Reads the row that either call returns.</summary>
    public static (IdempotencyState State, WriteResult[] Results) Read(NpgsqlDataReader reader)
    {
        var first = reader.FieldCount - 3; // only the second call has a state, before the others
        var state = first == 0 ? IdempotencyState.Done : (IdempotencyState)reader.GetInt16(0);
        if (reader.IsDBNull(first))
            return (state, []);

        var outcomes = reader.GetFieldValue<short[]>(first);
        var revisions = reader.GetFieldValue<long[]>(first + 1);
        var values = reader.GetFieldValue<byte[]?[]>(first + 2);

        var results = new WriteResult[outcomes.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = new((WriteOutcome)outcomes[i], revisions[i], values[i]);
        return (state, results);
    }

    private static NpgsqlCommand Bind(NpgsqlCommand command, WriteBatch batch, QuotaOptions quota) => command
        .With(batch.Owners, TextArray)
        .With(batch.Keys, TextArray)
        .With(batch.Kinds, NpgsqlDbType.Array | NpgsqlDbType.Smallint)
        .With(Array.ConvertAll(batch.Contents, content => content.Value), TextArray)
        .With(Array.ConvertAll(batch.Contents, content => content.Metadata), TextArray)
        .With(Array.ConvertAll(batch.Contents, content => content.ExpiresAt), NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)
        .With(batch.Matches, TextArray)
        .With(batch.NoneMatches, TextArray)
        .With(batch.Actors, TextArray)
        .With(batch.TraceIds, TextArray)
        .With(batch.Rounds, IntegerArray)
        .With(batch.RoundCount, NpgsqlDbType.Integer)
        .With(quota.Keys, NpgsqlDbType.Bigint)
        .With(quota.Bytes, NpgsqlDbType.Bigint)
        .With(batch.LockedStripes, IntegerArray)
        .With(batch.DistinctOwners, TextArray)
        .With(batch.NewKeys, BigintArray)
        .With(batch.NewBytes, BigintArray);
}
