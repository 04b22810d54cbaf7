using Npgsql;

namespace KvAspire.Data.Revisions;

/// <summary>What a change did to a key.</summary>
internal enum ChangeKind : short
{
    /// <summary>It stored a value, over another one or not.</summary>
    Put = 1,

    /// <summary>It deleted the key.</summary>
    Delete = 2,
}

/// <summary>A change as a watch sends it.</summary>
/// <param name="Revision">Its revision: within an owner, changes are committed in the order of these.</param>
/// <param name="Key">The key.</param>
/// <param name="Kind">What it did.</param>
/// <param name="Value">The JSON text as it was sent; null in a deletion.</param>
/// <param name="Metadata">Likewise, where there is some.</param>
/// <param name="ExpiresAt">When the entry will be gone, where it has a time to live.</param>
internal sealed record Change(long Revision, string Key, ChangeKind Kind, byte[]? Value, byte[]? Metadata, DateTimeOffset? ExpiresAt)
{
    /// <summary>More than value and metadata of any change take.</summary>
    public const int MaxBytes = Entries.EntryValue.MaxBytes + (64 * 1024);

    /// <summary>What its value and metadata take.</summary>
    public int Bytes => (Value?.Length ?? 0) + (Metadata?.Length ?? 0);

    /// <summary>Reads it from a row whose columns from <paramref name="first"/> on are those of a change, in their order.</summary>
    public static Change Read(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first),
        reader.GetString(first + 1),
        (ChangeKind)reader.GetInt16(first + 2),
        reader.IsDBNull(first + 3) ? null : reader.GetFieldValue<byte[]>(first + 3),
        reader.IsDBNull(first + 4) ? null : reader.GetFieldValue<byte[]>(first + 4),
        reader.IsDBNull(first + 5) ? null : reader.GetFieldValue<DateTimeOffset>(first + 5));
}

/// <summary>Some of an owner's changes, and how far they reach.</summary>
/// <param name="Changes">Those that were asked for, in order.</param>
/// <param name="Next">Up to here all changes have been looked at.</param>
/// <param name="Compacted">Changes up to here are gone.</param>
/// <param name="IsFull">Whether there may be more after <paramref name="Next"/>.</param>
internal sealed record ChangeBatch(IReadOnlyList<Change> Changes, long Next, long Compacted, bool IsFull);

/// <summary>How far an owner's change log reaches.</summary>
/// <param name="Last">The revision of the last change that was committed; 0 where there is none.</param>
/// <param name="Compacted">Changes up to here are gone.</param>
internal readonly record struct ChangeLogReach(long Last, long Compacted);
