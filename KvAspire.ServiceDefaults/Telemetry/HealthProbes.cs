using System.Diagnostics;
using OpenTelemetry;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Drops the spans of health probes, which come every few seconds for ever and say nothing new.</summary>
internal sealed class HealthProbes : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem("http.route") is "/health" or "/alive")
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
