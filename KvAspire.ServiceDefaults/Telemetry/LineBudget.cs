namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Lets the first <paramref name="perSecond"/> lines of each second into the log, and counts the others.</summary>
public sealed class LineBudget(int perSecond, TimeProvider time)
{
    private long second;
    private int count;
    private long omitted;

    /// <summary>Whether a line may be written.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp() / time.TimestampFrequency;
        var last = Volatile.Read(ref second);
        if (now != last && Interlocked.CompareExchange(ref second, now, last) == last)
            Volatile.Write(ref count, 0);

        // Reads first, to spare a flood the contended write.
        if (Volatile.Read(ref count) < perSecond && Interlocked.Increment(ref count) <= perSecond)
            return true;

        Interlocked.Increment(ref omitted);
        return false;
    }

    /// <summary>The number of lines that were left out since the last call.</summary>
    public long TakeOmitted() => Volatile.Read(ref omitted) == 0 ? 0 : Interlocked.Exchange(ref omitted, 0);
}
