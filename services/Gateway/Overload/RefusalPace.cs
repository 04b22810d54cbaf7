namespace KvAspire.Gateway.Overload;

/// <summary>
/// Lets refusals out at a pace, and those beyond it wait. A refusal costs the gateway nearly as much as an answer, and whoever gets it at once
/// may ask again at once: without a pace clients would keep the gateway busy with refusing them, and from what it has taken on.
/// Whoever waits costs nothing.
/// </summary>
internal sealed class RefusalPace : IDisposable
{
    // It says no more than Retry-After does, which every refusal has.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // So much of the pace may come at once: single refusals always do.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    // Those who wait are let out together this often.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly List<(TimeSpan At, CancellationToken Gone, TaskCompletionSource Turn)> waiting = [];
    private readonly WaitTimer timer;
    private readonly long began;
    private TimeSpan next;

    /// <param name="options">The pace.</param>
    /// <param name="time">The clock.</param>
    public RefusalPace(OverloadOptions options, TimeProvider time)
    {
        (this.options, this.time, began) = (options, time, time.GetTimestamp());
        timer = new(time, Pause, LetOut);
    }

    /// <summary>Waits for its turn, or until the client has gone: its connection makes room for another.</summary>
    public Task WaitAsync(HttpContext request)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            var turn = next > now - Burst ? next : now - Burst;
            var at = turn - now < Longest ? turn : now + Longest;
            next = at + TimeSpan.FromSeconds(1.0 / options.RefusalsPerSecond);
            if (at <= now)
                return Task.CompletedTask;

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((at, request.RequestAborted, waiter));
            timer.Start();
            return waiter.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void LetOut()
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            waiting.RemoveAll(waiter =>
            {
                var isOver = waiter.At <= now || waiter.Gone.IsCancellationRequested;
                if (isOver)
                    waiter.Turn.SetResult();
                return isOver;
            });

            if (waiting.Count == 0)
                timer.Stop();
        }
    }
}
