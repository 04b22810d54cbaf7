namespace KvAspire.Data.Entries;

/// <summary>A row of <c>entries</c>: what one user stored under one key.</summary>
internal sealed class Entry
{
    /// <summary>The user: the <c>sub</c> of the token. First in the primary key, so that the table can be spread by owner.</summary>
    public required string Owner { get; init; }

    /// <summary>The key, unique for its owner.</summary>
    public required string Key { get; init; }

    /// <summary>The JSON text as it was sent. Null in a tombstone, which keeps a deleted key's revision.</summary>
    public string? Value { get; init; }

    /// <summary>JSON text about the entry, as it was sent, where there is some.</summary>
    public string? Metadata { get; init; }

    /// <summary>Bytes of key, value and metadata, as they count towards the quota; 0 in a tombstone.</summary>
    public int Size { get; init; }

    /// <summary>Grows with every change of the key, also across deletion and creation anew.</summary>
    public long Revision { get; init; }

    /// <summary>When the key was created, the last time.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>From when on it is as good as deleted, where it has a time to live.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was deleted: set in a tombstone only.</summary>
    public DateTimeOffset? DeletedAt { get; init; }
}
