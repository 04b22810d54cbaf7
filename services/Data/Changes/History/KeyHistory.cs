using KvAspire.Data.Changes.Log;
using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using Npgsql;

namespace KvAspire.Data.Changes.History;

/// <summary>A change in the history of its key.</summary>
internal sealed record HistoricChange(Change Change, DateTimeOffset Time, string? Actor, string? TraceId);

/// <summary>A page of a key's changes, newest first. The next page begins before the revision <paramref name="Next"/>.</summary>
internal sealed record HistoryPage(IReadOnlyList<HistoricChange> Changes, long? Next);

/// <summary>Reads the changes of one key that were not compacted.</summary>
internal sealed class KeyHistory(NpgsqlDataSource database)
{
    // The limit for values and metadata in a page.
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly string SelectBefore = SqlFile.Read("Changes/History/KeyHistory.Before.sql");

    private const string SelectOne =
        "SELECT revision, key, kind, value, metadata, expires_at, at, actor, trace_id FROM changes WHERE owner = $1 AND key = $2 AND revision = $3";

    private const string SelectExists =
        "SELECT EXISTS (SELECT FROM entries WHERE owner = $1 AND key = $2 AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()))";

    /// <summary>
    /// Reads a page of at most <paramref name="limit"/> changes before the revision <paramref name="before"/>.
    /// </summary>
    public async Task<HistoryPage> ReadAsync(EntryId id, long before, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectBefore, id, before).With(limit + 1).With((long)MaxBytes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var (changes, bytes) = (new List<HistoricChange>(), 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (changes.Count == limit)
                return new(changes, changes[^1].Change.Revision);

            changes.Add(Read(reader));
            bytes += changes[^1].Change.Content.Length;
        }

        // The query omits rows beyond the limit. There may be some if one more row of the largest size would not have fitted.
        return new(changes, bytes >= MaxBytes - EntryContent.MaxLength ? changes[^1].Change.Revision : null);
    }

    public async Task<HistoricChange?> FindAsync(EntryId id, long revision, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectOne, id, revision);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public async Task<bool> ExistsAsync(EntryId id, CancellationToken cancellationToken)
    {
        await using var command = Command(SelectExists, id);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static HistoricChange Read(NpgsqlDataReader reader) => new(
        Change.Read(reader, first: 0),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.TextAt(7),
        reader.TextAt(8));

    private NpgsqlCommand Command(string statement, EntryId id, long? revision = null)
    {
        var command = database.CreateCommand(statement).With(id.Owner).With(id.Key);
        return revision is { } number ? command.With(number) : command;
    }
}
