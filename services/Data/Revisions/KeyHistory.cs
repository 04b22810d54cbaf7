using KvAspire.Data.Entries;
using Npgsql;

namespace KvAspire.Data.Revisions;

/// <summary>A change as the history of its key tells it.</summary>
/// <param name="Change">The change.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="TraceId">In which request.</param>
internal sealed record HistoricChange(Change Change, DateTimeOffset Time, string? Actor, string? TraceId);

/// <summary>Some of a key's changes, the newest first.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Next">The revision before which the next page begins, or null where there is none.</param>
internal sealed record HistoryPage(IReadOnlyList<HistoricChange> Changes, long? Next);

/// <summary>Reads the changes of one key, as far as they have not been compacted.</summary>
internal sealed class KeyHistory(NpgsqlDataSource database)
{
    /// <summary>
    /// What the index of the log by key has in place of owner and key, which would take more room than all the rest of it. Rows
    /// are compared by owner and key themselves as well.
    /// </summary>
    public const string HashOfKey = "hashtextextended(key, hashtextextended(owner, 0))";

    // Of values and metadata, in a page.
    private const int MaxBytes = 4 * 1024 * 1024;

    private const string Columns = "revision, key, kind, value, metadata, expires_at, at, actor, trace_id";

    private const string SelectBefore =
        $"""
        SELECT {Columns}
        FROM (
            SELECT *, sum(coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0))
                OVER (ORDER BY revision DESC ROWS UNBOUNDED PRECEDING) AS bytes
            FROM (
                SELECT {Columns} FROM changes
                WHERE {HashOfKey} = hashtextextended($2, hashtextextended($1, 0)) AND owner = $1 AND key = $2 AND revision < $3
                ORDER BY revision DESC LIMIT $4) seen) page
        WHERE bytes < $5
        ORDER BY revision DESC
        """;

    private const string SelectOne = $"SELECT {Columns} FROM changes WHERE owner = $1 AND key = $2 AND revision = $3";

    private const string SelectExists =
        "SELECT EXISTS (SELECT FROM entries WHERE owner = $1 AND key = $2 AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()))";

    /// <summary>Reads a page.</summary>
    /// <param name="id">The key.</param>
    /// <param name="before">The revision before which to begin.</param>
    /// <param name="limit">How many changes at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<HistoryPage> ReadAsync(EntryId id, long before, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectBefore, id, before);
        Add(command, limit + 1);
        Add(command, (long)MaxBytes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var (changes, bytes) = (new List<HistoricChange>(), 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (changes.Count == limit)
                return new(changes, changes[^1].Change.Revision);

            changes.Add(Read(reader));
            bytes += changes[^1].Change.Bytes;
        }

        // Rows that did not fit are missing without a word.
        return new(changes, bytes >= MaxBytes - Change.MaxBytes ? changes[^1].Change.Revision : null);
    }

    /// <summary>Reads one change.</summary>
    public async Task<HistoricChange?> FindAsync(EntryId id, long revision, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectOne, id, revision);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Whether the key exists now.</summary>
    public async Task<bool> ExistsAsync(EntryId id, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectExists, id);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static HistoricChange Read(NpgsqlDataReader reader) => new(
        Change.Read(reader, first: 0),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.IsDBNull(7) ? null : reader.GetString(7),
        reader.IsDBNull(8) ? null : reader.GetString(8));

    private NpgsqlCommand Command(string statement, EntryId id, long? revision = null)
    {
        var command = database.CreateCommand(statement);
        Add(command, id.Owner);
        Add(command, id.Key);
        if (revision is { } number)
            Add(command, number);
        return command;
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
