namespace KvAspire.Data.Entries;

/// <summary>What is stored under a key.</summary>
/// <param name="Value">The JSON text of the value, as it was sent; null in a deletion.</param>
/// <param name="Metadata">Likewise a JSON object about it, where there is some.</param>
/// <param name="ExpiresAt">From when on it is as good as deleted, where it has a time to live.</param>
internal readonly record struct EntryContent(byte[]? Value, byte[]? Metadata = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>How many bytes value and metadata take.</summary>
    public int Length => (Value?.Length ?? 0) + (Metadata?.Length ?? 0);
}
