using System.Diagnostics.Metrics;

namespace KvAspire.Data.Cache;

/// <summary>The outcome of a command to the cache.</summary>
internal enum CacheOutcome
{
    Unavailable, // Redis did not answer in time, or its images must not be served now
    Hit,
    Miss, // there is no image that can be served
    Stored,
    Superseded, // not stored: the cache knows of the same or a newer revision
}

/// <summary>The outcome of a read, and the image that it found.</summary>
internal readonly record struct CachedEntry(CacheOutcome Outcome, EntryImage Entry = default);

/// <summary>Counts look-ups in the cache, commands that fill it or lift veils, and loads from Postgres.</summary>
internal sealed class CacheMetrics
{
    private static readonly string[] Results = [.. Enum.GetNames<CacheOutcome>().Select(name => name.ToLowerInvariant())];

    private readonly Counter<long> reads;
    private readonly Counter<long> writes;
    private readonly Counter<long> loads;

    public CacheMetrics(IMeterFactory meters, IHostEnvironment environment, LostInvalidations lost)
    {
        var meter = meters.Create(environment.ApplicationName);
        reads = meter.CreateCounter<long>("kvaspire.cache.reads", "{read}", "Look-ups of entries, by result: hit, miss, unavailable.");
        writes = meter.CreateCounter<long>("kvaspire.cache.writes", "{write}", "Images set, by result: stored, superseded, unavailable.");
        loads = meter.CreateCounter<long>("kvaspire.entries.loads", "{query}", "Reads of single entries that went to Postgres.");
        meter.CreateObservableGauge(
            "kvaspire.cache.lost_invalidations", () => lost.Pending, "{invalidation}", "Committed changes of which the cache was not told yet.");
    }

    public void Read(CacheOutcome outcome) => reads.Add(1, Result(outcome));

    public void Write(CacheOutcome outcome) => writes.Add(1, Result(outcome));

    /// <summary>Counts a read from Postgres.</summary>
    public void Load() => loads.Add(1);

    private static KeyValuePair<string, object?> Result(CacheOutcome outcome) => new("result", Results[(int)outcome]);
}
