using System.Collections.Concurrent;
using KvAspire.Data.Cache;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Writes;

namespace KvAspire.Data.Entries;

/// <summary>The only door to the entries. Postgres has the truth, and the cache saves most reads from it.</summary>
internal sealed class EntryStore(EntryTable table, EntryCache cache, CacheMetrics metrics, WriteLanes writes, TimeProvider time)
{
    // How often a reader checks whether another one has filled, before it reads Postgres itself.
    private const int MaxLooks = 40;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<EntryId, TaskCompletionSource> loading = new();

    /// <summary>Reads an entry. A read past the cache asks Postgres alone, and tells the cache.</summary>
    public async ValueTask<EntryRead> ReadAsync(EntryId id, bool isPastCache, CancellationToken cancellationToken)
    {
        if (isPastCache)
            metrics.Read(CacheOutcome.Bypass);

        var cached = isPastCache ? default : await cache.ReadAsync(id);
        var read = cached switch
        {
            { Outcome: CacheOutcome.Hit } => Read(cached.Entry, EntryRead.Hit),
            { Outcome: CacheOutcome.Miss, Entry.IsOnlyInDatabase: true } => await LoadAsync(id, EntryRead.Miss, lease: null, cancellationToken),
            { Outcome: CacheOutcome.Miss } => await LoadOnceAsync(id, cancellationToken),
            _ => await LoadAsync(id, isPastCache ? EntryRead.Request : EntryRead.Bypass, lease: null, cancellationToken),
        };
        CacheEvent.Add(read.CacheStatus);
        return read;
    }

    /// <summary>Reads entries from the cache alone.</summary>
    /// <returns>For each, null if the cache does not answer it.</returns>
    public async ValueTask<EntryRead?[]> ReadCachedAsync(EntryId[] ids) => Array.ConvertAll(
        await cache.ReadAsync(Array.ConvertAll(ids, id => (EntryId?)id)),
        cached => cached.Outcome is CacheOutcome.Hit ? Read(cached.Entry, EntryRead.Hit) : (EntryRead?)null);

    /// <summary>Applies one change.</summary>
    public async Task<WriteResult> WriteAsync(Write write, Actor actor, IdempotencyKey? idempotency = null) =>
        (await writes.WriteAsync(new([write], actor, isAtomic: false, idempotency)))[0];

    /// <summary>Applies the changes of a request.</summary>
    public Task<WriteResult[]> WriteAsync(WriteRequest request) => writes.WriteAsync(request);

    // One reader loads, and the others wait for it and then look into the cache again. They must not use what it has read: that
    // may be older than a change that was acknowledged before they came.
    private async ValueTask<EntryRead> LoadOnceAsync(EntryId id, CancellationToken cancellationToken)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = loading.GetOrAdd(id, mine);
            if (first == mine)
            {
                try
                {
                    return await LoadUnderLeaseAsync(id, cancellationToken);
                }
                finally
                {
                    loading.TryRemove(id, out _);
                    mine.SetResult();
                }
            }

            await first.Task.WaitAsync(cancellationToken);
            var cached = await cache.ReadAsync(id);
            if (cached.Outcome is CacheOutcome.Hit)
                return Read(cached.Entry, EntryRead.Hit);
            if (cached.Outcome is CacheOutcome.Unavailable || cached.Entry.IsOnlyInDatabase)
                break;
        }

        return await LoadAsync(id, EntryRead.Miss, lease: null, cancellationToken);
    }

    private async ValueTask<EntryRead> LoadUnderLeaseAsync(EntryId id, CancellationToken cancellationToken)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            var (found, lease) = await cache.LeaseAsync(id);
            if (found.Outcome is CacheOutcome.Hit)
                return Read(found.Entry, EntryRead.Hit);
            if (found.Outcome is CacheOutcome.Unavailable)
                return await LoadAsync(id, EntryRead.Bypass, lease: null, cancellationToken);
            if (lease is not null || found.Entry.IsOnlyInDatabase)
                return await LoadAsync(id, EntryRead.Miss, lease, cancellationToken);

            await Task.Delay(Pause, time, cancellationToken); // another replica loads it
        }

        return await LoadAsync(id, EntryRead.Miss, lease: null, cancellationToken);
    }

    // The cache is told before the client is answered: a later reader must not find an older image.
    private async ValueTask<EntryRead> LoadAsync(EntryId id, string status, byte[]? lease, CancellationToken cancellationToken)
    {
        var entry = EntryImage.Of(id.Key, await table.ReadAsync(id, cancellationToken));
        var filled = await cache.FillAsync(id, entry, lease);
        return Read(entry, lease is not null && filled is CacheOutcome.Stored ? EntryRead.MissStored : status);
    }

    private EntryRead Read(EntryImage entry, string status) => new(entry, entry.IsLiveAt(time.GetUtcNow()), status);
}
