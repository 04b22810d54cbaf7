using KvAspire.Data.Listing;
using Npgsql;

namespace KvAspire.Data.Revisions;

/// <summary>
/// Reads the changes of an owner in the order of their commits. Revisions come from a sequence, and as a rule a larger one
/// may become visible before a smaller one. Not here: a writer draws the revisions of an owner while it holds that owner's
/// lock, and holds it until the commit. So whoever has seen revision n will never meet a smaller one that he has not seen.
/// </summary>
internal sealed class ChangeLog(NpgsqlDataSource database)
{
    // Small, since every watcher that is slow to read may hold a batch in memory.
    private const int MaxRows = 250;
    private const int MaxBytes = 128 * 1024;

    private const string SelectReach = "SELECT last_revision, compacted_revision FROM owners WHERE owner = $1";

    private const string SelectReaches = "SELECT owner, last_revision FROM owners WHERE owner = ANY($1)";

    // One statement, and so one snapshot, for the changes and for how far they reach. Changes of other keys are looked at,
    // not sent: the reader has to get past them. At least one row fits.
    private const string SelectAfter =
        """
        SELECT log.last_revision, log.compacted_revision, change.revision, change.key, change.kind, change.value, change.metadata, change.expires_at
        FROM owners log LEFT JOIN LATERAL (
            SELECT *, sum(bytes) OVER (ORDER BY revision ROWS UNBOUNDED PRECEDING) - bytes AS before
            FROM (
                SELECT *, coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0) AS bytes
                FROM (
                    SELECT revision, CASE WHEN key >= $3 AND key < $4 THEN key END AS key, kind,
                        CASE WHEN key >= $3 AND key < $4 THEN value END AS value,
                        CASE WHEN key >= $3 AND key < $4 THEN metadata END AS metadata, expires_at
                    FROM changes WHERE owner = $1 AND revision > $2 ORDER BY revision LIMIT $5) seen) measured
            ) change ON before < $6
        WHERE log.owner = $1
        ORDER BY change.revision
        """;

    /// <summary>How far an owner's changes reach.</summary>
    public async Task<ChangeLogReach> ReachAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectReach);
        Add(command, owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    /// <summary>The last revisions of several owners.</summary>
    public async Task<IReadOnlyList<(string Owner, long Last)>> LastAsync(string[] owners, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectReaches);
        Add(command, owners);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string, long)>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add((reader.GetString(0), reader.GetInt64(1)));
        return found;
    }

    /// <summary>Reads the next of an owner's changes.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="after">The revision after which to begin.</param>
    /// <param name="keys">Only changes of these are wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ChangeBatch> ReadAsync(string owner, long after, KeyRange keys, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectAfter);
        Add(command, owner);
        Add(command, after);
        Add(command, keys.From);
        Add(command, keys.To);
        Add(command, MaxRows);
        Add(command, (long)MaxBytes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, after, cancellationToken);
    }

    private static async Task<ChangeBatch> ReadAsync(NpgsqlDataReader reader, long after, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        var (rows, bytes, seen, reach) = (0, 0, after, default(ChangeLogReach));
        while (await reader.ReadAsync(cancellationToken))
        {
            reach = new(reader.GetInt64(0), reader.GetInt64(1));
            if (reader.IsDBNull(2))
                break; // there are none

            (rows, seen) = (rows + 1, reader.GetInt64(2));
            if (reader.IsDBNull(3))
                continue;

            changes.Add(Change.Read(reader, first: 2));
            bytes += changes[^1].Bytes;
        }

        // Whatever was committed up to the owner's last revision was in the snapshot.
        var isFull = rows == MaxRows || bytes >= MaxBytes;
        return new(changes, isFull ? seen : Math.Max(seen, reach.Last), reach.Compacted, isFull);
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
