using System.Diagnostics.Metrics;
using System.Text.Json;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Cache;

/// <summary>The outcome of a command to the cache.</summary>
internal enum CacheOutcome
{
    Unavailable, // Redis did not answer in time, or its images must not be served now
    Hit,
    Miss, // there is no image that can be served
    Stored,
    Superseded, // not stored: the cache knows of the same or a newer revision
    Bypass, // not asked: the client wants the entry from Postgres
}

/// <summary>The outcome of a read, and the image that it found.</summary>
internal readonly record struct CachedEntry(CacheOutcome Outcome, EntryImage Entry = default);

/// <summary>Why this replica stopped to serve from the cache.</summary>
internal enum TrustLoss
{
    Redis, // Redis did not answer
    OtherReplica, // another replica declared a loss
    OwnLoss, // this replica could not tell the cache of a change
    Lease, // the lease was not renewed in time
}

/// <summary>Counts look-ups in the cache, commands that fill it or lift veils, loads from Postgres, and losses of trust.</summary>
internal sealed class CacheMetrics : IZeroedCounters
{
    private static readonly KeyValuePair<string, object?>[] Results =
        [.. Enum.GetNames<CacheOutcome>().Select(name => KeyValuePair.Create<string, object?>("result", name.ToLowerInvariant()))];

    private static readonly KeyValuePair<string, object?>[] Reasons =
        [.. Enum.GetNames<TrustLoss>().Select(name => KeyValuePair.Create<string, object?>("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(name)))];

    private readonly Counter<long> reads;
    private readonly Counter<long> writes;
    private readonly Counter<long> loads;
    private readonly Counter<long> trustLost;

    public CacheMetrics(IMeterFactory meters, IHostEnvironment environment, LostInvalidations lost)
    {
        var meter = meters.Create(environment.ApplicationName);
        reads = meter.CreateCounter<long>("kvaspire.cache.reads", "{read}", "Look-ups of entries, by result: hit, miss, unavailable, bypass.");
        writes = meter.CreateCounter<long>("kvaspire.cache.writes", "{write}", "Images set, by result: stored, superseded, unavailable.");
        loads = meter.CreateCounter<long>("kvaspire.entries.loads", "{query}", "Reads of single entries that went to Postgres.");
        meter.CreateObservableGauge(
            "kvaspire.cache.lost_invalidations", () => lost.Pending, "{invalidation}", "Committed changes of which the cache was not told yet.");
        trustLost = meter.CreateCounter<long>(
            "kvaspire.cache.trust_lost", "{event}", "Times that the replica stopped to serve from the cache, by reason: redis, other_replica, own_loss, lease.");
    }

    /// <inheritdoc/>
    public void Zero()
    {
        foreach (var outcome in new[] { CacheOutcome.Hit, CacheOutcome.Miss, CacheOutcome.Unavailable, CacheOutcome.Bypass })
            reads.Add(0, Results[(int)outcome]);
        foreach (var outcome in new[] { CacheOutcome.Stored, CacheOutcome.Superseded, CacheOutcome.Unavailable })
            writes.Add(0, Results[(int)outcome]);
        foreach (var reason in Reasons)
            trustLost.Add(0, reason);
        loads.Add(0);
    }

    public void Read(CacheOutcome outcome) => reads.Add(1, Results[(int)outcome]);

    public void Write(CacheOutcome outcome) => writes.Add(1, Results[(int)outcome]);

    /// <summary>Counts a read from Postgres.</summary>
    public void Load() => loads.Add(1);

    /// <summary>Counts a loss of trust.</summary>
    public void LoseTrust(TrustLoss reason) => trustLost.Add(1, Reasons[(int)reason]);
}
