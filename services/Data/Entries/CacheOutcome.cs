namespace KvAspire.Data.Entries;

/// <summary>How the cache took a command.</summary>
internal enum CacheOutcome
{
    /// <summary>It did not answer in time, or must not be trusted now.</summary>
    Unavailable,

    /// <summary>A read found something to serve.</summary>
    Hit,

    /// <summary>A read found nothing to serve.</summary>
    Miss,

    /// <summary>A write was taken.</summary>
    Stored,

    /// <summary>A write was refused: something as new or newer is there.</summary>
    Superseded,
}

/// <summary>The outcome of a read, with what it found.</summary>
internal readonly record struct CachedEntry(CacheOutcome Outcome, EntryImage Entry = default);
