namespace KvAspire.Data.Entries;

/// <summary>What Postgres has of an entry.</summary>
/// <param name="Revision">The revision of its last change. Without a row, the revision of the owner's last change.</param>
/// <param name="Content">The content, without a value in a tombstone.</param>
/// <param name="IsAbsent">Whether there is no row.</param>
internal readonly record struct EntryRow(long Revision, EntryContent Content, bool IsAbsent = false);
