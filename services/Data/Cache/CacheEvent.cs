using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Cache;

/// <summary>The event of a request's span that tells what the cache did for its read.</summary>
internal static class CacheEvent
{
    private const string Name = "kvaspire.cache", Result = "kvaspire.cache.result";

    /// <summary>Adds the event for a read with this <c>Cache-Status</c>.</summary>
    public static void Add(string cacheStatus) => RequestSpan.Happened(Name, Result, cacheStatus switch
    {
        EntryRead.Hit => "hit",
        EntryRead.Miss => "miss",
        EntryRead.MissStored => "fill",
        _ => "bypass",
    });

    /// <summary>Adds the event for a batch of reads.</summary>
    public static void Add(CachedEntry[] reads)
    {
        if (!RequestSpan.IsRecorded)
            return;

        var hits = reads.Count(read => read.Outcome is CacheOutcome.Hit);
        RequestSpan.Happened(Name, ("kvaspire.cache.hits", hits), ("kvaspire.cache.misses", reads.Length - hits));
    }
}
