using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Records the first <paramref name="perSecond"/> traces of each second.</summary>
internal sealed class LimitedSampler(int perSecond, TimeProvider clock) : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample);
    private static readonly SamplingResult Drop = new(SamplingDecision.Drop);

    private long second;
    private int count;

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var now = clock.GetTimestamp() / clock.TimestampFrequency;
        var last = Volatile.Read(ref second);
        if (now != last && Interlocked.CompareExchange(ref second, now, last) == last)
            Volatile.Write(ref count, 0);

        // Reads first, to spare a flood of requests the contended write.
        return Volatile.Read(ref count) < perSecond && Interlocked.Increment(ref count) <= perSecond ? Record : Drop;
    }
}

/// <summary>
/// Drops the spans of health probes, sent and received: they recur every few seconds and tell nothing. They are dropped at their
/// start, so that child spans are dropped too, here and in the probed service.
/// </summary>
internal sealed class HealthProbes : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (!IsProbe(data))
            return;

        data.IsAllDataRequested = false;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    public static bool IsProbe(HttpContext context) => context.Request.Path.Value is "/health" or "/alive";

    // Sent by YARP, in the gateway.
    private static bool IsProbe(Activity activity) => activity.OperationName is "proxy.cluster_health_checks" or "proxy.destination_health_check";
}
