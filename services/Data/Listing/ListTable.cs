using Npgsql;

namespace KvAspire.Data.Listing;

/// <summary>
/// Reads pages of keys from Postgres by ranges of the primary key, so that a page costs what it shows and not what the
/// table holds. What was deleted or has expired is passed over, so many rows at a time; then the page ends early.
/// </summary>
internal sealed class ListTable(NpgsqlDataSource database)
{
    // Passed over in some 20 ms, and by jumps, which are dearer, in some 100.
    private const int MaxRows = 10_000;
    private const int MaxJumps = 5_000;

    // Of values and metadata, in a page.
    private const int MaxBytes = 4 * 1024 * 1024;

    // The second part only runs where the first ran out of rows to look at, and then says where to go on.
    private const string Range =
        """
        SELECT key, revision, value, metadata, expires_at, is_live FROM (
            (SELECT key, revision, value, metadata, expires_at, true AS is_live,
                sum(coalesce(octet_length(value), 0) + coalesce(octet_length(metadata), 0)) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) AS bytes
            FROM (
                SELECT key, revision, CASE WHEN $7 THEN value END AS value, CASE WHEN $8 THEN metadata END AS metadata, expires_at,
                    deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS is_live
                FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $5) seen
            WHERE is_live)
            UNION ALL
            (SELECT key, 0, NULL, NULL, NULL, false, 0 FROM entries WHERE owner = $1 AND key >= $2 AND key < $3 ORDER BY key OFFSET $5 LIMIT 1)) page
        WHERE bytes < $6
        LIMIT $4
        """;

    // One probe of the index for each row of the answer: it finds the next key, and jumps past its folder where it lies in
    // one. A folder is a stem and the delimiter ($10); what follows it begins with the stem and what follows the delimiter ($11).
    private const string Walk =
        """
        WITH RECURSIVE step AS (
            SELECT 0 AS number, 0 AS found, 0::bigint AS bytes, $2 COLLATE "C" AS next, NULL::text COLLATE "C" AS key,
                NULL::text COLLATE "C" AS stem, 0::bigint AS revision, NULL::text AS value, NULL::text AS metadata,
                NULL::timestamptz AS expires_at, false AS is_live
            UNION ALL
            SELECT step.number + 1, step.found + here.is_live::int,
                step.bytes + coalesce(octet_length(here.value), 0) + coalesce(octet_length(here.metadata), 0),
                coalesce(here.stem || $11, here.key || chr(1)), here.key, here.stem, here.revision, here.value, here.metadata,
                here.expires_at, here.is_live
            FROM step CROSS JOIN LATERAL (
                SELECT key, stem, revision, CASE WHEN $7 AND is_live AND stem IS NULL THEN value END AS value,
                    CASE WHEN $8 AND is_live AND stem IS NULL THEN metadata END AS metadata, expires_at, is_live
                FROM (
                    SELECT *, CASE WHEN is_live AND cut > 0 THEN left(key, $9 + cut - 1) END AS stem
                    FROM (
                        SELECT key, revision, value, metadata, expires_at,
                            deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS is_live,
                            strpos(substr(key, $9 + 1), $10) AS cut
                        FROM entries WHERE owner = $1 AND key >= step.next AND key < $3 ORDER BY key LIMIT 1) found) divided) here
            WHERE step.found < $4 AND step.number < $5 AND step.bytes < $6)
        SELECT key, revision, value, metadata, expires_at, is_live, stem, next FROM step WHERE number > 0
        """;

    /// <summary>Reads a page.</summary>
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
            bytes += items[^1].Bytes;
        }

        // Rows that did not fit are missing without a word: there may be some if one more of the largest would not have fitted.
        return new(items, [], bytes >= MaxBytes - ListItem.MaxBytes ? KeyRange.After(items[^1].Key) : null);
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
            bytes += reader.GetBoolean(5) && reader.IsDBNull(6) ? items[^1].Bytes : 0;
        }

        return new(items, prefixes, jumps == MaxJumps || bytes >= MaxBytes ? next : null);
    }

    private static ListItem Item(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        reader.GetInt64(1),
        reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
        reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3),
        reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4));

    private NpgsqlCommand Command(ListQuery query)
    {
        var command = database.CreateCommand(query.Delimiter is null ? Range : Walk);
        Add(command, query.Owner);
        Add(command, query.Start);
        Add(command, query.Range.To);
        Add(command, query.Limit + 1);
        Add(command, query.Delimiter is null ? MaxRows : MaxJumps);
        Add(command, (long)MaxBytes);
        Add(command, query.WithValues);
        Add(command, query.WithMetadata);
        if (query.Delimiter is not { } delimiter)
            return command;

        Add(command, query.Prefix.EnumerateRunes().Count());
        Add(command, delimiter);
        Add(command, KeyRange.Following(delimiter)!);
        return command;
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
