using System.Diagnostics.Metrics;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Forwarding;

/// <summary>Measures what the gateway does between a request and its service.</summary>
internal sealed class ForwardingMetrics : IZeroedCounters
{
    private readonly Counter<long> retries;
    private readonly Histogram<int> batches;

    public ForwardingMetrics(IMeterFactory meters, IHostEnvironment environment, FeedState feed)
    {
        var meter = meters.Create(environment.ApplicationName);
        retries = meter.CreateCounter<long>("kvaspire.gateway.retries", "{request}", "Requests that failed at one replica of a service and went to another.");
        batches = meter.CreateHistogram<int>(
            "kvaspire.gateway.batch.size", "{request}", "Requests in a batch to the data service, by kind: read, write.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });
        meter.CreateObservableGauge<double>(
            "kvaspire.clock.offset", () => feed.ClockOffset is { } offset ? [new Measurement<double>(offset.TotalSeconds)] : [], "s",
            "How far this process' clock is ahead of the identity service's, to within a second; negative where it is behind.");
    }

    /// <inheritdoc/>
    public void Zero()
    {
        foreach (var service in PublicRoutes.All.Select(route => route.Service).Distinct())
            retries.Add(0, KeyValuePair.Create<string, object?>("service", service));
    }

    /// <summary>Counts a request that goes to another replica.</summary>
    public void Retry(string service) => retries.Add(1, KeyValuePair.Create<string, object?>("service", service));

    /// <summary>Records a batch.</summary>
    public void Batch(int requests, in KeyValuePair<string, object?> kind) => batches.Record(requests, kind);
}
