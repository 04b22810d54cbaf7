using System.Diagnostics.Metrics;

namespace KvAspire.Data.Entries;

/// <summary>Counts how the cache fares.</summary>
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
            "kvaspire.cache.lost_invalidations", () => lost.Pending, "{invalidation}", "Committed changes the cache was not told of yet.");
    }

    /// <summary>Counts a look-up.</summary>
    public void Read(CacheOutcome outcome) => reads.Add(1, Result(outcome));

    /// <summary>Counts a write.</summary>
    public void Write(CacheOutcome outcome) => writes.Add(1, Result(outcome));

    /// <summary>Counts a read of Postgres.</summary>
    public void Load() => loads.Add(1);

    private static KeyValuePair<string, object?> Result(CacheOutcome outcome) => new("result", Results[(int)outcome]);
}
