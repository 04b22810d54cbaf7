using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using Npgsql;

namespace KvAspire.Data.Listing;

/// <summary>
/// Reads pages of keys from Postgres by ranges of the primary key. So the cost of a page depends on its size, not on that of
/// the table. A page skips deleted and expired keys up to a limit, and then ends early.
/// </summary>
internal sealed class ListTable(NpgsqlDataSource database)
{
    // Skipping so many rows takes about 20 ms. Jumps are slower: about 100 ms.
    private const int MaxRows = 10_000;
    private const int MaxJumps = 5_000;

    // The limit for values and metadata in a page.
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly string Range = SqlFile.Read("Listing/ListTable.Range.sql");
    private static readonly string Walk = SqlFile.Read("Listing/ListTable.Walk.sql");

    public async Task<ListPage> ReadAsync(ListQuery query, CancellationToken cancellationToken)
    {
        if (query.Range.IsEmpty)
            return ListPage.Empty;

        await using var command = Command(query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return query.Delimiter is null
            ? await ReadRangeAsync(query, reader, cancellationToken)
            : await ReadWalkAsync(query, reader, cancellationToken);
    }

    private static async Task<ListPage> ReadRangeAsync(ListQuery query, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var items = new List<ListItem>();
        var bytes = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetBoolean(5))
                return new(items, [], Next: reader.GetString(0));
            if (items.Count == query.Limit)
                return new(items, [], KeyRange.After(items[^1].Key));

            items.Add(Item(reader));
            bytes += items[^1].Content.Length;
        }

        // The query omits rows beyond the limit. There may be some if one more row of the largest size would not have fitted.
        return new(items, [], bytes >= MaxBytes - EntryContent.MaxLength ? KeyRange.After(items[^1].Key) : null);
    }

    private static async Task<ListPage> ReadWalkAsync(ListQuery query, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var (items, prefixes) = (new List<ListItem>(), new List<string>());
        var (jumps, bytes, next) = (0, 0, query.Start);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (items.Count + prefixes.Count == query.Limit)
                return new(items, prefixes, next);

            (jumps, next) = (jumps + 1, reader.GetString(7));
            if (!reader.IsDBNull(6))
                prefixes.Add(reader.GetString(6) + query.Delimiter);
            else if (reader.GetBoolean(5))
                items.Add(Item(reader));
            bytes += reader.GetBoolean(5) && reader.IsDBNull(6) ? items[^1].Content.Length : 0;
        }

        return new(items, prefixes, jumps == MaxJumps || bytes >= MaxBytes ? next : null);
    }

    private static ListItem Item(NpgsqlDataReader reader) => new(reader.GetString(0), reader.GetInt64(1), EntryContent.Read(reader, first: 2));

    private NpgsqlCommand Command(ListQuery query)
    {
        var command = database.CreateCommand(query.Delimiter is null ? Range : Walk)
            .With(query.Owner)
            .With(query.Start)
            .With(query.Range.To)
            .With(query.Limit + 1)
            .With(query.Delimiter is null ? MaxRows : MaxJumps)
            .With((long)MaxBytes)
            .With(query.WithValues)
            .With(query.WithMetadata);
        return query.Delimiter is { } delimiter
            ? command.With(query.Prefix.EnumerateRunes().Count()).With(delimiter).With(KeyRange.Following(delimiter)!)
            : command;
    }
}
