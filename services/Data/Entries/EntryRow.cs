namespace KvAspire.Data.Entries;

/// <summary>What Postgres has of an entry.</summary>
/// <param name="Revision">The revision of its last change; where there is no row, of the last change of any key of its owner.</param>
/// <param name="Content">What is stored; without a value in a tombstone.</param>
/// <param name="IsAbsent">Whether there is no row.</param>
internal readonly record struct EntryRow(long Revision, EntryContent Content, bool IsAbsent = false);
