using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// Lets few hashes run at once, on threads of their own that give way to everything else, so that a flood of sign-ins
/// starves nobody. Each client address has a line, and the lines take turns: whoever floods waits behind himself. Lines
/// are bounded; what would wait longer is refused with the time after which to come again.
/// </summary>
internal sealed class HashQueue : IDisposable
{
    // Of the running average: a dozen hashes make it new.
    private const double Weight = 0.15;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim pending = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, LinkedList<Job>> lines = [];
    private readonly Queue<LinkedList<Job>> turns = []; // each line that is not empty, once
    private readonly HashingOptions options;
    private readonly TimeProvider clock;
    private TimeSpan average = TimeSpan.FromMilliseconds(100);
    private int waiting;

    /// <summary>Starts the threads.</summary>
    public HashQueue(IOptions<HashingOptions> options, TimeProvider clock)
    {
        (this.options, this.clock) = (options.Value, clock);
        for (var worker = 0; worker < this.options.Workers; worker++)
            new Thread(Work) { IsBackground = true, Name = $"hash {worker}", Priority = ThreadPriority.BelowNormal }.Start();
    }

    /// <summary>Runs the work when its turn comes.</summary>
    /// <param name="address">Whose line it joins.</param>
    /// <param name="work">What takes a processor for a while.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    public async Task<Turn<T>> RunAsync<T>(string address, Func<T> work, CancellationToken cancellationToken)
    {
        var job = new Job<T>(address, work);
        lock (gate)
        {
            if (!lines.TryGetValue(address, out var line))
                lines[address] = line = [];
            if (waiting >= options.MaxWaiting || line.Count >= options.MaxWaitingPerAddress)
            {
                Forget(line, address);
                return new(default, Wait());
            }

            line.AddLast(job);
            waiting++;
            if (line.Count == 1)
                turns.Enqueue(line);
        }

        pending.Release();
        await using var registration = cancellationToken.Register(() => Leave(job, cancellationToken));
        return new(await job.Completion.Task, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Cancel();
        lock (gate)
        {
            foreach (var job in lines.Values.SelectMany(line => line))
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

            if (Next() is not { } job)
                continue; // somebody left the line

            var started = clock.GetTimestamp();
            job.Run();
            lock (gate)
                average += (clock.GetElapsedTime(started) - average) * Weight;
        }
    }

    private Job? Next()
    {
        lock (gate)
        {
            while (turns.TryDequeue(out var line))
            {
                if (line.First?.Value is not { } job)
                    continue; // all of that line left, and it was forgotten

                line.RemoveFirst();
                waiting--;
                if (line.Count > 0)
                    turns.Enqueue(line);
                else
                    Forget(line, job.Address);
                return job;
            }

            return null;
        }
    }

    private void Leave(Job job, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (lines.TryGetValue(job.Address, out var line) && line.Remove(job))
            {
                waiting--;
                Forget(line, job.Address);
                job.Cancel(cancellationToken);
            }
        }
    }

    private void Forget(LinkedList<Job> line, string address)
    {
        if (line.Count == 0)
            lines.Remove(address);
    }

    // Whoever comes back after this finds the line shorter, if nobody else came meanwhile.
    private TimeSpan Wait() => average * (waiting + 1) / options.Workers;

    private abstract class Job(string address)
    {
        public string Address => address;

        public abstract void Run();

        public abstract void Cancel(CancellationToken cancellationToken);
    }

    private sealed class Job<T>(string address, Func<T> work) : Job(address)
    {
        public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Run()
        {
            try
            {
                Completion.TrySetResult(work());
            }
#pragma warning disable CA1031 // whoever waits for the result gets the exception, whatever it is
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Completion.TrySetException(exception);
            }
        }

        public override void Cancel(CancellationToken cancellationToken) => Completion.TrySetCanceled(cancellationToken);
    }
}
