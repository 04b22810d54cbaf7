using KvAspire.Data.Entries;

namespace KvAspire.Data.Listing;

/// <summary>A page of a listing: keys and folders in the order of their bytes, and the start of the next page.</summary>
internal sealed record ListPage(IReadOnlyList<ListItem> Items, IReadOnlyList<string> Prefixes, string? Next)
{
    public static ListPage Empty { get; } = new([], [], null);
}

/// <summary>A key of a listing. Its content has value and metadata only if <c>include</c> names them.</summary>
internal sealed record ListItem(string Key, long Revision, EntryContent Content);
