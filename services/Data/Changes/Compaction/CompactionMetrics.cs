using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>Measures the compaction: what it removed, and what it owes.</summary>
internal sealed class CompactionMetrics : IZeroedCounters
{
    private readonly TimeProvider time;
    private readonly Counter<long> removed;
    private DateTimeOffset due;

    public CompactionMetrics(IMeterFactory meters, IHostEnvironment environment, TimeProvider time)
    {
        (this.time, due) = (time, time.GetUtcNow());
        var meter = meters.Create(environment.ApplicationName);
        removed = meter.CreateCounter<long>("kvaspire.compaction.removed", "{change}", "Old changes that this replica removed from the log.");
        meter.CreateObservableGauge(
            "kvaspire.compaction.lag", () => Lag.TotalSeconds, "s",
            "How long the oldest change may have been overdue for removal, as far as this replica knows; 0 if none is.");
    }

    private TimeSpan Lag => time.GetUtcNow() - due is var late && late > TimeSpan.Zero ? late : TimeSpan.Zero;

    /// <inheritdoc/>
    public void Zero() => removed.Add(0);

    /// <summary>Records removed changes.</summary>
    public void Remove(long changes) => removed.Add(changes);

    /// <summary>Records that a whole round left nothing to remove before a time.</summary>
    public void Complete(DateTimeOffset nextDue) => due = nextDue;
}
