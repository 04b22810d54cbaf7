namespace KvAspire.Identity.Requests;

/// <summary>
/// A token bucket for each name: it holds the requests of a minute, and refills evenly. A name is remembered until its bucket is
/// full again. Names beyond <see cref="MaxNames"/> share one bucket, so that memory is bounded.
/// </summary>
/// <remarks>The generic cell rate algorithm: of a bucket only the time is stored at which it is full.</remarks>
internal sealed class MinuteBuckets(int perMinute, TimeProvider clock)
{
    /// <summary>The most names that are remembered at once.</summary>
    public const int MaxNames = 20_000;

    private const string Others = "*";

    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, TimeSpan> fullAt = [];
    private readonly Lock one = new();
    private readonly long start = clock.GetTimestamp();
    private readonly TimeSpan refill = perMinute == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1) / perMinute;
    private TimeSpan sweptAt;

    /// <summary>Takes a request from the bucket of a name. A rate of 0 allows any number.</summary>
    /// <returns>Null where the bucket had one, otherwise the time after which it has.</returns>
    public TimeSpan? Take(string name)
    {
        if (perMinute == 0)
            return null;

        lock (one)
        {
            var now = clock.GetElapsedTime(start);
            if (!fullAt.ContainsKey(name) && !HasRoom(now))
                name = Others;

            var full = fullAt.GetValueOrDefault(name);
            if (full < now)
                full = now;
            var wait = full - now - (refill * (perMinute - 1));
            if (wait > TimeSpan.Zero)
                return wait;

            fullAt[name] = full + refill;
            return null;
        }
    }

    private bool HasRoom(TimeSpan now)
    {
        if (fullAt.Count >= MaxNames && now - sweptAt >= SweepEvery)
        {
            sweptAt = now;
            foreach (var (name, full) in fullAt)
            {
                if (full <= now)
                    fullAt.Remove(name);
            }
        }

        return fullAt.Count < MaxNames;
    }
}
