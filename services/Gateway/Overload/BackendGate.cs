namespace KvAspire.Gateway.Overload;

/// <summary>
/// Lets so many requests at once through to a service, and as many more wait for a short time. Fair by user: the users who
/// wait take turns (round robin), and where the queue is full the user with the longest line makes room, so that one who
/// sends much delays and displaces requests of nobody else.
/// </summary>
internal sealed class BackendGate : IDisposable
{
    // How exact the longest wait is, and how soon the place of who has gone is free. A timer counts in whole milliseconds.
    private const int ChecksInLongestWait = 20;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = [];
    private readonly LinkedList<Line> turns = [];
    private readonly WaitTimer check;
    private int running;
    private int waiting;

    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock.</param>
    public BackendGate(OverloadOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        var pause = TimeSpan.FromTicks(Math.Clamp(options.MaxWait.Ticks / ChecksInLongestWait, ShortestPause.Ticks, LongestPause.Ticks));
        check = new(time, pause, SendAway);
    }

    /// <summary>How many are through.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>How many wait.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Takes a place, and waits for one where it must. Who was let in gives it back by <see cref="Leave"/>.</summary>
    /// <param name="requester">Whose request it is.</param>
    /// <param name="request">The request: a client that has gone does not wait any more. Who need not wait is not asked for a token of that, which costs.</param>
    /// <returns>Whether there was a place.</returns>
    public ValueTask<bool> TryEnterAsync(string requester, HttpContext request)
    {
        lock (gate)
        {
            // Whoever leaves hands the place on: while there is a free one, nobody waits.
            if (running < options.MaxConcurrent)
            {
                running++;
                return ValueTask.FromResult(true);
            }

            if (waiting >= options.MaxWaiting && !MakeRoomFor(requester))
                return ValueTask.FromResult(false);

            return new(Enqueue(requester, request.RequestAborted).Turn.Task);
        }
    }

    /// <summary>Gives a place back: to the next in turn.</summary>
    public void Leave()
    {
        lock (gate)
        {
            if (turns.First?.Value is not { } line)
            {
                running--;
                return;
            }

            var next = line.Waiters.First!.Value;
            Remove(next);
            if (line.Waiters.Count > 0)
            {
                turns.Remove(line.Turn);
                turns.AddLast(line.Turn);
            }

            next.Turn.SetResult(true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => check.Dispose();

    // Who has waited for too long, or has gone.
    private void SendAway()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var waiter in lines.Values.SelectMany(line => line.Waiters).Where(waiter => waiter.IsOver(now)).ToList())
            {
                Remove(waiter);
                waiter.Turn.SetResult(false);
            }

            if (waiting == 0)
                check.Stop();
        }
    }

    private bool MakeRoomFor(string requester)
    {
        var mine = lines.TryGetValue(requester, out var line) ? line.Waiters.Count : 0;
        if (lines.Values.MaxBy(each => each.Waiters.Count) is not { } longest || longest.Waiters.Count <= mine + 1)
            return false;

        var last = longest.Waiters.Last!.Value;
        Remove(last);
        last.Turn.SetResult(false);
        return true;
    }

    private Waiter Enqueue(string requester, CancellationToken gone)
    {
        check.Start();
        if (!lines.TryGetValue(requester, out var line))
        {
            lines.Add(requester, line = new(requester));
            turns.AddLast(line.Turn);
        }

        var waiter = new Waiter(line, time.GetTimestamp() + (long)(options.MaxWait.TotalSeconds * time.TimestampFrequency), gone);
        line.Waiters.AddLast(waiter.Place);
        waiting++;
        return waiter;
    }

    private void Remove(Waiter waiter)
    {
        var line = waiter.Line;
        line.Waiters.Remove(waiter.Place);
        waiting--;
        if (line.Waiters.Count > 0)
            return;

        lines.Remove(line.Requester);
        turns.Remove(line.Turn);
    }

    // Those of one user.
    private sealed class Line
    {
        public Line(string requester) => (Requester, Turn) = (requester, new(this));

        public string Requester { get; }

        public LinkedListNode<Line> Turn { get; }

        public LinkedList<Waiter> Waiters { get; } = [];
    }

    private sealed class Waiter
    {
        private readonly long until;
        private readonly CancellationToken gone;

        public Waiter(Line line, long until, CancellationToken gone)
        {
            (Line, this.until, this.gone) = (line, until, gone);
            Place = new(this);
        }

        public Line Line { get; }

        public LinkedListNode<Waiter> Place { get; }

        // What follows must not run while the gate is locked.
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsOver(long now) => now >= until || gone.IsCancellationRequested;
    }
}
