using KvAspire.Data.Database;
using Npgsql;

namespace KvAspire.Data.Entries;

/// <summary>The content of an entry.</summary>
/// <param name="Value">The JSON text of the value, as it was sent; null in a deletion.</param>
/// <param name="Metadata">The JSON text of the metadata, as it was sent; null if there is none.</param>
/// <param name="ExpiresAt">When the entry expires; null if it does not.</param>
internal readonly record struct EntryContent(byte[]? Value, byte[]? Metadata = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>No content is longer.</summary>
    public const int MaxLength = EntryValue.MaxBytes + (64 * 1024);

    /// <summary>The size of value and metadata, in bytes.</summary>
    public int Length => (Value?.Length ?? 0) + (Metadata?.Length ?? 0);

    /// <summary>Reads the three columns from <paramref name="first"/> on.</summary>
    public static EntryContent Read(NpgsqlDataReader reader, int first) =>
        new(reader.BytesAt(first), reader.BytesAt(first + 1), reader.TimeAt(first + 2));
}
