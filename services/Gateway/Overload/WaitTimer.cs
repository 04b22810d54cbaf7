namespace KvAspire.Gateway.Overload;

/// <summary>
/// Ticks as long as somebody waits: one timer for all who do, for under load there are thousands in a second. To be started and
/// stopped under the lock of those who wait.
/// </summary>
internal sealed class WaitTimer : IDisposable
{
    private readonly TimeSpan pause;
    private readonly ITimer timer;
    private bool isRunning;

    /// <param name="time">The clock.</param>
    /// <param name="pause">From one tick to the next, in whole milliseconds.</param>
    /// <param name="tick">What is done at each.</param>
    public WaitTimer(TimeProvider time, TimeSpan pause, Action tick)
    {
        this.pause = pause;
        using (ExecutionContext.SuppressFlow()) // it outlives the request that happens to make it, and is not part of its trace
            timer = time.CreateTimer(static tick => ((Action)tick!)(), tick, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Somebody waits.</summary>
    public void Start()
    {
        if (isRunning)
            return;

        isRunning = true;
        timer.Change(pause, pause);
    }

    /// <summary>Nobody waits any more.</summary>
    public void Stop()
    {
        isRunning = false;
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();
}
