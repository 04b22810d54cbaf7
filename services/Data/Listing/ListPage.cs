namespace KvAspire.Data.Listing;

/// <summary>A page of a listing.</summary>
/// <param name="Items">The keys, in the order of their bytes.</param>
/// <param name="Prefixes">The folders, likewise, each with its delimiter.</param>
/// <param name="Next">Where the next page begins, or null where there is none.</param>
internal sealed record ListPage(IReadOnlyList<ListItem> Items, IReadOnlyList<string> Prefixes, string? Next)
{
    /// <summary>The page of a listing without keys.</summary>
    public static ListPage Empty { get; } = new([], [], null);
}

/// <summary>A key of a listing.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision of its last change.</param>
/// <param name="Value">The JSON text as it was sent, where it was asked for.</param>
/// <param name="Metadata">Likewise, where there is some.</param>
/// <param name="ExpiresAt">When it will be gone, where it has a time to live.</param>
internal sealed record ListItem(string Key, long Revision, byte[]? Value, byte[]? Metadata, DateTimeOffset? ExpiresAt)
{
    /// <summary>More than value and metadata of any entry take.</summary>
    public const int MaxBytes = Entries.EntryValue.MaxBytes + (64 * 1024);

    /// <summary>What its value and metadata take.</summary>
    public int Bytes => (Value?.Length ?? 0) + (Metadata?.Length ?? 0);
}
