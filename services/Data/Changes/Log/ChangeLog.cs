using KvAspire.Data.Database;
using KvAspire.Data.Listing;
using Npgsql;

namespace KvAspire.Data.Changes.Log;

/// <summary>
/// Reads the changes of an owner in the order of their commits. Numbers of a sequence may become visible out of order. These do
/// not: a writer draws the revisions of an owner while it holds that owner's lock, and holds the lock until the commit. So a
/// reader that has seen revision n never meets a smaller one later.
/// </summary>
internal sealed class ChangeLog(NpgsqlDataSource database)
{
    // Small, because every slow watcher may hold a page in memory.
    private const int MaxRows = 250;
    private const int MaxBytes = 128 * 1024;

    private const string SelectReach = "SELECT last_revision, compacted_revision FROM owners WHERE owner = $1";

    private const string SelectReaches = "SELECT owner, last_revision FROM owners WHERE owner = ANY($1)";

    private static readonly string SelectAfter = SqlFile.Read("Changes/Log/ChangeLog.After.sql");

    /// <summary>Returns the range of an owner's log.</summary>
    public async Task<ChangeLogReach> ReachAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectReach).With(owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    /// <summary>Returns the last revision of each of several owners.</summary>
    public async Task<IReadOnlyList<(string Owner, long Last)>> LastAsync(string[] owners, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectReaches).With(owners);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string, long)>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add((reader.GetString(0), reader.GetInt64(1)));
        return found;
    }

    /// <summary>
    /// Reads the next page of an owner's changes, after the revision <paramref name="after"/>, of the keys in a range.
    /// </summary>
    public async Task<ChangePage> ReadAsync(string owner, long after, KeyRange keys, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectAfter)
            .With(owner).With(after).With(keys.From).With(keys.To).With(MaxRows).With((long)MaxBytes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, after, cancellationToken);
    }

    private static async Task<ChangePage> ReadAsync(NpgsqlDataReader reader, long after, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        var (rows, bytes, seen, reach) = (0, 0, after, default(ChangeLogReach));
        while (await reader.ReadAsync(cancellationToken))
        {
            reach = new(reader.GetInt64(0), reader.GetInt64(1));
            if (reader.IsDBNull(2))
                break; // there are no changes

            (rows, seen) = (rows + 1, reader.GetInt64(2));
            if (reader.IsDBNull(3))
                continue;

            changes.Add(Change.Read(reader, first: 2) with { Age = reader.GetFieldValue<TimeSpan>(8) });
            bytes += changes[^1].Content.Length;
        }

        // The snapshot contains all changes up to the owner's last revision.
        var isFull = rows == MaxRows || bytes >= MaxBytes;
        return new(changes, isFull ? seen : Math.Max(seen, reach.Last), reach.Compacted, isFull);
    }
}
