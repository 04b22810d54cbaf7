using System.Diagnostics;
using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Decides what is recorded from its start: what the parent span is, the first <c>TracesPerSecond</c> requests of each second, and
/// every trace of background work, which is rare. <see cref="KeptRequests"/> adds requests at their end.
/// </summary>
internal sealed class TraceSampler : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample), Drop = new(SamplingDecision.Drop);

    private readonly ParentBasedSampler byParent;

    public TraceSampler(TracingOptions options, TimeProvider clock)
    {
        var limited = new LimitedSampler(options.TracesPerSecond, clock);
        byParent = new(limited, remoteParentSampled: options.FollowsCallers ? new AlwaysOnSampler() : limited);
    }

    // YARP's spans repeat the spans around them. Those of its health probes recur every few seconds and tell nothing; dropped at
    // their start, they leave nothing in the probed service either.
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Name.StartsWith("proxy.", StringComparison.Ordinal) ? Drop
        : IsBackground(samplingParameters) ? Record
        : byParent.ShouldSample(samplingParameters);

    private static bool IsBackground(in SamplingParameters parameters) =>
        parameters.Kind is ActivityKind.Internal && parameters.ParentContext.TraceId == default;
}

/// <summary>Records the first <paramref name="perSecond"/> traces of each second.</summary>
internal sealed class LimitedSampler(int perSecond, TimeProvider clock) : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample), Drop = new(SamplingDecision.Drop);

    private readonly PerSecond limit = new(perSecond, clock);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => limit.TryTake() ? Record : Drop;
}
