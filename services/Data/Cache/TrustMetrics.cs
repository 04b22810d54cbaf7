using System.Diagnostics.Metrics;

namespace KvAspire.Data.Cache;

/// <summary>Observes whether this replica serves from the cache, and how stale another one may be.</summary>
internal sealed class TrustMetrics
{
    public TrustMetrics(IMeterFactory meters, IHostEnvironment environment, CacheTrust trust)
    {
        var meter = meters.Create(environment.ApplicationName);
        meter.CreateObservableGauge("kvaspire.cache.trusted", () => trust.Holds ? 1 : 0, "{state}", "Whether this replica serves from the cache: 1 or 0.");
        meter.CreateObservableGauge(
            "kvaspire.cache.staleness_bound", () => trust.StalenessBound.TotalSeconds, "s",
            "How long another replica may at most still serve an older value of a change that this one lost; 0 while nothing is lost.");
    }
}
