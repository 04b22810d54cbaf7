using System.Diagnostics.Metrics;

namespace KvAspire.Data.Changes.Watch;

/// <summary>Observes the open watches, and how far they are behind the commits.</summary>
internal sealed class WatchMetrics
{
    private readonly Histogram<double> lag;

    public WatchMetrics(IMeterFactory meters, IHostEnvironment environment, WatchedOwners watched)
    {
        var meter = meters.Create(environment.ApplicationName);
        meter.CreateObservableGauge("kvaspire.watch.streams", () => watched.Open, "{stream}", "Open watches.");
        lag = meter.CreateHistogram(
            "kvaspire.watch.lag", "s",
            "From the time of a change in the log, by Postgres' clock, until it is written to a watch. Without changes from before the watch had caught up.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>Records a change that was sent.</summary>
    public void Sent(TimeSpan after) => lag.Record(Math.Max(0, after.TotalSeconds));
}
