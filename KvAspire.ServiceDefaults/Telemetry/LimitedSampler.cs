using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Records the first so many traces of each second.</summary>
internal sealed class LimitedSampler(int perSecond, TimeProvider clock) : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample);
    private static readonly SamplingResult Drop = new(SamplingDecision.Drop);

    private long second;
    private int count;

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var now = clock.GetTimestamp() / clock.TimestampFrequency;
        var last = Volatile.Read(ref second);
        if (now != last && Interlocked.CompareExchange(ref second, now, last) == last)
            Volatile.Write(ref count, 0);

        // Read first: a flood would otherwise write to one place for nothing.
        return Volatile.Read(ref count) < perSecond && Interlocked.Increment(ref count) <= perSecond ? Record : Drop;
    }
}
