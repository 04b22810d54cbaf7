using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Admission.Gates;

/// <summary>
/// Limits the rate of refusals (429 and 503 together), and delays those beyond it. A refusal costs the gateway nearly as much as
/// any response, and a client may retry at once: without a limit, retries would take the gateway's time from the admitted requests.
/// A delayed refusal costs no processor time.
/// </summary>
internal sealed class RefusalThrottle : IDisposable
{
    // As long as the Retry-After of a 503.
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    // Refusals of up to 100 ms of the rate may leave at once, so a single one always does.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    // Delayed refusals leave together, this often.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly List<(TimeSpan At, CancellationToken Gone, TaskCompletionSource Turn)> waiting = [];
    private readonly WaitTimer timer;
    private readonly long began;
    private TimeSpan next;

    public RefusalThrottle(IOptions<OverloadOptions> options, TimeProvider time)
    {
        (this.options, this.time, began) = (options.Value, time, time.GetTimestamp());
        timer = new(time, Interval, Release);
    }

    /// <summary>Waits until the refusal may leave, or the client disconnects.</summary>
    public Task WaitAsync(HttpContext request)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            var turn = next > now - Burst ? next : now - Burst;
            var at = turn - now < MaxDelay ? turn : now + MaxDelay;
            next = at + TimeSpan.FromSeconds(1.0 / options.RefusalsPerSecond);
            if (at <= now)
                return Task.CompletedTask;

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((at, request.RequestAborted, waiter));
            timer.Start();
            return waiter.Task;
        }
    }

    public void Dispose() => timer.Dispose();

    private void Release()
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
