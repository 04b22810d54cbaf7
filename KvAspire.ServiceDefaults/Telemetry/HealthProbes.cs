using System.Diagnostics;
using OpenTelemetry;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Drops the spans of health probes, sent and received, which come every few seconds for ever and say nothing new.
/// Dropped at the start, so that whatever a probe causes is dropped as well, here and in the service that is probed.
/// </summary>
internal sealed class HealthProbes : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnStart(Activity data)
    {
        if (!IsProbe(data))
            return;

        data.IsAllDataRequested = false;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    private static bool IsProbe(Activity activity) =>
        activity.OperationName is "proxy.cluster_health_checks" or "proxy.destination_health_check" // YARP's, in the gateway
        || activity is { Kind: ActivityKind.Server } && activity.GetTagItem("url.path") is "/health" or "/alive";
}
