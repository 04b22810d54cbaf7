namespace KvAspire.Data.Entries;

/// <summary>What Postgres has of an entry.</summary>
/// <param name="Revision">The revision of its last change.</param>
/// <param name="Value">The JSON text as it was sent; null in a tombstone.</param>
internal readonly record struct EntryRow(long Revision, byte[]? Value);
