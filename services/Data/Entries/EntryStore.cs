namespace KvAspire.Data.Entries;

/// <summary>The one door to the entries: Postgres has the truth, the cache spares it most reads.</summary>
internal sealed class EntryStore(EntryTable table, EntryCache cache, TimeProvider time)
{
    /// <summary>Reads an entry.</summary>
    public async ValueTask<EntryRead> ReadAsync(EntryId id, CancellationToken cancellationToken)
    {
        // 1. The cache, where there is one to trust.
        var cached = await cache.ReadAsync(id);
        if (cached.Outcome is CacheOutcome.Hit)
            return new(cached.Entry, EntryRead.Hit);

        // 2. Postgres.
        var began = time.GetTimestamp();
        if (await table.ReadAsync(id, cancellationToken) is not { } row)
            return new(default, cached.Outcome is CacheOutcome.Miss ? EntryRead.Miss : EntryRead.Bypass);

        var entry = EntryImage.Of(id.Key, row);
        if (cached.Outcome is CacheOutcome.Unavailable)
            return new(entry, EntryRead.Bypass);

        // 3. Fill, before the answer: who reads after it must not find something older. Unless the read took so long
        //    that the newer image which would refuse this fill may have expired.
        var stored = time.GetElapsedTime(began) < EntryCache.LongestFill && await cache.SetAsync(id, entry) is CacheOutcome.Stored;
        return new(entry, stored ? EntryRead.MissStored : EntryRead.Miss);
    }

    /// <summary>Stores a new entry.</summary>
    /// <returns>Its revision, or null where the key exists.</returns>
    public async Task<long?> CreateAsync(EntryId id, byte[] value) =>
        await PublishAsync(id, await table.CreateAsync(id, value), value);

    /// <summary>Replaces the value of an entry.</summary>
    /// <returns>Its revision, or null where there is none.</returns>
    public async Task<long?> UpdateAsync(EntryId id, byte[] value) =>
        await PublishAsync(id, await table.UpdateAsync(id, value), value);

    /// <summary>Deletes an entry.</summary>
    /// <returns>The revision of the deletion, or null where there is none.</returns>
    public async Task<long?> DeleteAsync(EntryId id) =>
        await PublishAsync(id, await table.DeleteAsync(id), value: null);

    // Committed: the cache has to know before the client does.
    private async ValueTask<long?> PublishAsync(EntryId id, long? revision, byte[]? value)
    {
        if (revision is { } committed)
            await cache.PublishAsync(id, EntryImage.Of(id.Key, new(committed, value)));
        return revision;
    }
}
