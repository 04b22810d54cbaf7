namespace KvAspire.Gateway.Admission.Gates;

/// <summary>
/// Ticks while requests wait: one timer for all of them, because under load thousands begin to wait each second. The owner calls
/// <see cref="Start"/> and <see cref="Stop"/> under its own lock.
/// </summary>
internal sealed class WaitTimer : IDisposable
{
    private readonly TimeSpan pause;
    private readonly ITimer timer;
    private bool isRunning;

    /// <param name="time">The clock.</param>
    /// <param name="pause">The time between two ticks, in whole milliseconds.</param>
    /// <param name="tick">The action at each tick.</param>
    public WaitTimer(TimeProvider time, TimeSpan pause, Action tick)
    {
        this.pause = pause;
        using (ExecutionContext.SuppressFlow()) // the timer outlives the request that creates it, and is not part of its trace
            timer = time.CreateTimer(static tick => ((Action)tick!)(), tick, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts the ticks, unless they run already.</summary>
    public void Start()
    {
        if (isRunning)
            return;

        isRunning = true;
        timer.Change(pause, pause);
    }

    /// <summary>Stops the ticks.</summary>
    public void Stop()
    {
        isRunning = false;
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();
}
