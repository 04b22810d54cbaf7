namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Lets the first <paramref name="perSecond"/> lines of each second into the log, and counts the others.</summary>
public sealed class LineBudget(int perSecond, TimeProvider time)
{
    private readonly PerSecond lines = new(perSecond, time);
    private long omitted;

    /// <summary>Whether a line may be written.</summary>
    public bool TryTake()
    {
        if (lines.TryTake())
            return true;

        Interlocked.Increment(ref omitted);
        return false;
    }

    /// <summary>The number of lines that were left out since the last call.</summary>
    public long TakeOmitted() => Volatile.Read(ref omitted) == 0 ? 0 : Interlocked.Exchange(ref omitted, 0);
}
