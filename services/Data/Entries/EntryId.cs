namespace KvAspire.Data.Entries;

/// <summary>Names an entry: no two users share one, whatever their keys.</summary>
/// <param name="Owner">The <c>sub</c> of the user's token.</param>
/// <param name="Key">The key, by the grammar of <see cref="EntryKey"/>.</param>
internal readonly record struct EntryId(string Owner, string Key);
