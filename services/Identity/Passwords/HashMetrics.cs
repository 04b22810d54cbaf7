using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.Passwords;

/// <summary>Measures the hashes: their waits, their durations, and those that are refused.</summary>
internal sealed class HashMetrics : IZeroedCounters
{
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Histogram<double> waits;
    private readonly Histogram<double> durations;
    private readonly Counter<long> refused;

    public HashMetrics(IMeterFactory meters, IHostEnvironment environment)
    {
        var meter = meters.Create(environment.ApplicationName);
        waits = meter.CreateHistogram(
            "kvaspire.passwords.wait.duration", "s", "How long a password waited for its turn to be hashed.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        durations = meter.CreateHistogram(
            "kvaspire.passwords.hash.duration", "s", "How long the hash of a password took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        refused = meter.CreateCounter<long>("kvaspire.passwords.refused", "{password}", "Passwords that were not hashed, because too many wait already.");
    }

    /// <inheritdoc/>
    public void Zero() => refused.Add(0);

    /// <summary>Records a password whose turn comes.</summary>
    public void Begin(TimeSpan waited) => waits.Record(waited.TotalSeconds);

    /// <summary>Records a hash.</summary>
    public void End(TimeSpan took) => durations.Record(took.TotalSeconds);

    /// <summary>Counts a refused password.</summary>
    public void Refuse() => refused.Add(1);
}

/// <summary>Observes the queue of hashes.</summary>
internal sealed class HashQueueMetrics
{
    public HashQueueMetrics(IMeterFactory meters, IHostEnvironment environment, HashQueue queue)
    {
        var meter = meters.Create(environment.ApplicationName);
        meter.CreateObservableGauge("kvaspire.passwords.running", () => queue.Running, "{password}", "Passwords that are being hashed.");
        meter.CreateObservableGauge("kvaspire.passwords.waiting", () => queue.Waiting, "{password}", "Passwords that wait for their turn.");
    }
}
