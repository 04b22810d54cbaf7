namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>Grants the first <paramref name="limit"/> requests of each second.</summary>
internal sealed class PerSecond(int limit, TimeProvider clock)
{
    private long second;
    private int count;

    public bool TryTake()
    {
        var now = clock.GetTimestamp() / clock.TimestampFrequency;
        var last = Volatile.Read(ref second);
        if (now != last && Interlocked.CompareExchange(ref second, now, last) == last)
            Volatile.Write(ref count, 0);

        // Reads first, to spare a flood of requests the contended write.
        return Volatile.Read(ref count) < limit && Interlocked.Increment(ref count) <= limit;
    }
}
