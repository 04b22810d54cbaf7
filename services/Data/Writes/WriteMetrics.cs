using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Writes;

/// <summary>Measures the batches of writes: their sizes, the wait for them, their commits.</summary>
internal sealed class WriteMetrics : IZeroedCounters
{
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly TimeProvider time;
    private readonly Histogram<int> batches;
    private readonly Histogram<double> waits;
    private readonly Histogram<double> commits;
    private readonly Counter<long> unknown;

    public WriteMetrics(IMeterFactory meters, IHostEnvironment environment, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create(environment.ApplicationName);
        batches = meter.CreateHistogram<int>(
            "kvaspire.writes.batch", "{operation}", "Operations in a transaction.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });
        waits = meter.CreateHistogram(
            "kvaspire.writes.wait.duration", "s", "How long a request waited in its lane for its transaction to begin.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        commits = meter.CreateHistogram(
            "kvaspire.writes.commit.duration", "s", "How long Postgres took for the statement and commit of a transaction.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        unknown = meter.CreateCounter<long>(
            "kvaspire.writes.unknown_outcomes", "{write}", "Operations of which nobody knows whether they are stored: Postgres was lost during their commit.");
    }

    /// <inheritdoc/>
    public void Zero() => unknown.Add(0);

    /// <summary>Records a transaction that begins, and the waits of its requests.</summary>
    public void Begin(int operations, WriteRequest[] requests)
    {
        batches.Record(operations);
        if (!waits.Enabled)
            return;

        var now = time.GetTimestamp();
        foreach (var request in requests)
            waits.Record(time.GetElapsedTime(request.EnqueuedAt, now).TotalSeconds);
    }

    /// <summary>Records a commit that began at a timestamp.</summary>
    public void Commit(long began) => commits.Record(time.GetElapsedTime(began).TotalSeconds);

    /// <summary>Records operations without a known outcome.</summary>
    public void LoseOutcome(int operations) => unknown.Add(operations);
}

/// <summary>Observes the lanes.</summary>
internal sealed class LaneMetrics
{
    public LaneMetrics(IMeterFactory meters, IHostEnvironment environment, WriteLanes lanes) =>
        meters.Create(environment.ApplicationName).CreateObservableGauge(
            "kvaspire.writes.waiting", () => lanes.Waiting, "{operation}", "Operations that wait in the lanes for a transaction.");
}
