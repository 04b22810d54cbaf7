using System.Diagnostics;
using KvAspire.FairQueue;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// Runs a few hashes at once, on threads of its own with a low priority, so that a flood of sign-ins slows down nothing else.
/// Client addresses take turns. When the queue or an address's line is full, the hash is refused with the time to retry after.
/// </summary>
internal sealed class HashQueue : IDisposable
{
    /// <summary>Why a request is refused, for the log.</summary>
    public const string IsFull = "too many passwords wait to be hashed";

    // Of the running average: about a dozen hashes replace it.
    private const double Weight = 0.15;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim pending = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly FairQueue<Job> queue;
    private readonly int workers;
    private readonly TimeProvider clock;
    private readonly HashMetrics metrics;
    private int running;
    private TimeSpan average = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts the threads.</summary>
    public HashQueue(IOptions<HashingOptions> options, HashMetrics metrics, TimeProvider clock)
    {
        (workers, this.metrics, this.clock) = (options.Value.Workers, metrics, clock);
        queue = new(options.Value.MaxWaiting, options.Value.MaxWaitingPerAddress);
        for (var worker = 0; worker < workers; worker++)
            new Thread(Work) { IsBackground = true, Name = $"hash {worker}", Priority = ThreadPriority.BelowNormal }.Start();
    }

    /// <summary>The number of hashes that run.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>The number of hashes that wait.</summary>
    public int Waiting => queue.Count;

    /// <summary>Runs the work when its turn comes.</summary>
    /// <param name="address">The client address whose line the work joins.</param>
    /// <param name="work">The work, which occupies a processor for a while.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    public async Task<Turn<T>> RunAsync<T>(string address, Func<T> work, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (came, began, ended) = (Stopwatch.GetTimestamp(), 0L, 0L);
        var job = new Job(clock.GetTimestamp(), Run, token => completion.TrySetCanceled(token));
        lock (gate)
        {
            if (queue.IsFullFor(address))
            {
                metrics.Refuse();
                return new(default, average * (queue.Count + 1) / workers);
            }

            queue.Enqueue(address, job);
        }

        pending.Release();
        await using var registration = cancellationToken.Register(() => Leave(address, job, cancellationToken));
        var hash = await completion.Task;
        var span = Activity.Current?.Context ?? default;
        RequestSpan.Took("kvaspire.password.wait", span, came, began);
        RequestSpan.Took("kvaspire.password.hash", span, began, ended);
        return new(hash, null);

        void Run()
        {
            began = Stopwatch.GetTimestamp();
            Complete(completion, () =>
            {
                var result = work();
                ended = Stopwatch.GetTimestamp();
                return result;
            });
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        lock (gate)
        {
            foreach (var job in queue.RemoveAll(_ => true))
                job.Cancel(stopping.Token);
        }
    }

    private void Work()
    {
        BackgroundPriority.Take();
        while (true)
        {
            try
            {
                pending.Wait(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Job? job;
            lock (gate)
            {
                if (!queue.TryDequeue(out job))
                    continue; // a job was cancelled meanwhile
            }

            var started = clock.GetTimestamp();
            metrics.Begin(clock.GetElapsedTime(job.EnqueuedAt, started));
            Interlocked.Increment(ref running);
            job.Run();
            Interlocked.Decrement(ref running);
            var took = clock.GetElapsedTime(started);
            metrics.End(took);
            lock (gate)
                average += (took - average) * Weight;
        }
    }

    private void Leave(string address, Job job, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (queue.Remove(address, job))
                job.Cancel(cancellationToken);
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> completion, Func<T> work)
    {
        try
        {
            completion.TrySetResult(work());
        }
#pragma warning disable CA1031 // the caller of RunAsync gets every exception
        catch (Exception exception)
#pragma warning restore CA1031
        {
            completion.TrySetException(exception);
        }
    }

    private sealed class Job(long enqueuedAt, Action run, Action<CancellationToken> cancel)
    {
        public long EnqueuedAt => enqueuedAt;

        public void Run() => run();

        public void Cancel(CancellationToken cancellationToken) => cancel(cancellationToken);
    }
}
