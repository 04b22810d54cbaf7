using System.Diagnostics.Metrics;

namespace KvAspire.Data.Writes;

/// <summary>Counts how writes are gathered.</summary>
internal sealed class WriteMetrics
{
    private readonly Histogram<int> batches;

    public WriteMetrics(IMeterFactory meters, IHostEnvironment environment) =>
        batches = meters.Create(environment.ApplicationName).CreateHistogram<int>(
            "kvaspire.writes.batch", "{operation}", "Operations in a transaction.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });

    /// <summary>Counts a batch.</summary>
    public void Batch(int operations) => batches.Record(operations);
}
