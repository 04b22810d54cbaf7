using System.Diagnostics.Metrics;

namespace KvAspire.ServiceDefaults.Telemetry.Metrics;

/// <summary>
/// Gauges that take a query. <see cref="SurveyLoop"/> measures them in the background and never at a collection; when a
/// query fails they keep their last values.
/// </summary>
public abstract class Survey
{
    /// <summary>Whether the query takes so long that it runs less often.</summary>
    public virtual bool IsLong => false;

    /// <summary>Whether anything collects the gauges.</summary>
    public abstract bool IsObserved { get; }

    /// <summary>Measures once.</summary>
    public abstract Task MeasureAsync(CancellationToken cancellationToken);

    /// <summary>A number for an observable gauge; nothing while it is unknown.</summary>
    protected static IEnumerable<Measurement<T>> Observe<T>(T? known)
        where T : struct => known is { } value ? [new Measurement<T>(value)] : [];
}
