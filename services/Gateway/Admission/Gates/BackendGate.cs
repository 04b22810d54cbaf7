using KvAspire.FairQueue;

namespace KvAspire.Gateway.Admission.Gates;

/// <summary>
/// Limits the requests that a service works on at once, and lets as many more wait for a short time. Waiting users take turns.
/// When the queue is full, the user with the longest line makes room, so that a user who sends much delays and displaces only
/// their own requests.
/// </summary>
internal sealed class BackendGate : IDisposable
{
    // The timer bounds both how late a wait ends and how long a disconnected client keeps its place. It counts in milliseconds.
    private const int ChecksInLongestWait = 20;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly FairQueue<Waiter> queue;
    private readonly WaitTimer check;
    private int running;

    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock.</param>
    public BackendGate(OverloadOptions options, TimeProvider time)
    {
        (this.options, this.time, queue) = (options, time, new(options.MaxWaiting));
        var pause = TimeSpan.FromTicks(Math.Clamp(options.MaxWait.Ticks / ChecksInLongestWait, ShortestPause.Ticks, LongestPause.Ticks));
        check = new(time, pause, EndWaits);
    }

    /// <summary>The number of requests that the service works on.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>The number of requests that wait.</summary>
    public int Waiting => queue.Count;

    /// <summary>Takes a place, or waits for one. The caller returns the place with <see cref="Leave"/>.</summary>
    /// <param name="requester">The user or network that sends the request.</param>
    /// <param name="request">The request. Its abort token costs, so only a request that waits is asked for it.</param>
    /// <returns>Whether the request has a place.</returns>
    public ValueTask<bool> TryEnterAsync(string requester, HttpContext request)
    {
        lock (gate)
        {
            // A request that leaves hands its place on: while a place is free, the queue is empty.
            if (running < options.MaxConcurrent)
            {
                running++;
                return ValueTask.FromResult(true);
            }

            if (queue.IsFullFor(requester))
            {
                if (!queue.TryDisplaceFor(requester, out var displaced))
                    return ValueTask.FromResult(false);
                displaced.Turn.SetResult(false);
            }

            var waiter = new Waiter(
                time.GetTimestamp() + (long)(options.MaxWait.TotalSeconds * time.TimestampFrequency), request.RequestAborted);
            queue.Enqueue(requester, waiter);
            check.Start();
            return new(waiter.Turn.Task);
        }
    }

    /// <summary>Returns a place, and hands it to the next in turn.</summary>
    public void Leave()
    {
        lock (gate)
        {
            if (queue.TryDequeue(out var next))
                next.Turn.SetResult(true);
            else
                running--;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => check.Dispose();

    private void EndWaits()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var waiter in queue.RemoveAll(waiter => waiter.IsOver(now)))
                waiter.Turn.SetResult(false);

            if (queue.Count == 0)
                check.Stop();
        }
    }

    private sealed class Waiter(long until, CancellationToken disconnected)
    {
        // The waiting request must not continue while the gate is locked.
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsOver(long now) => now >= until || disconnected.IsCancellationRequested;
    }
}
