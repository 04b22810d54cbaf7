namespace KvAspire.Gateway.RateLimits;

/// <summary>
/// What this gateway alone has let through for one subject, for as long as Redis is away. Grants that lie close together are
/// one entry, which leaves the window with the last of them: that is strict by a hundredth of the window at most.
/// </summary>
internal sealed class LocalLog
{
    private const int Parts = 100;

    private readonly Queue<(long From, int Count)> past = new();
    private (long From, long Last, int Count) current;
    private int total;

    /// <summary>Notes a request, if it fits or if somebody else has granted it already.</summary>
    public bool TryAdd(long now, long window, int limit, bool isGranted = false)
    {
        Forget(now, window);
        if (total >= limit && !isGranted)
            return false;

        if (current.Count > 0 && now - current.From > window / Parts)
        {
            past.Enqueue((current.Last, current.Count));
            current = default;
        }

        current = current.Count == 0 ? (now, now, 1) : (current.From, now, current.Count + 1);
        total++;
        return true;
    }

    /// <summary>How many there are in the window.</summary>
    public int Total => total;

    /// <summary>When the oldest leaves the window.</summary>
    public long FreesAt(long now, long window) =>
        (past.TryPeek(out var oldest) ? oldest.From : current.Count > 0 ? current.Last : now) + window;

    private void Forget(long now, long window)
    {
        while (past.TryPeek(out var oldest) && oldest.From + window <= now)
            total -= past.Dequeue().Count;
        if (current.Count > 0 && current.Last + window <= now)
        {
            total -= current.Count;
            current = default;
        }
    }
}
