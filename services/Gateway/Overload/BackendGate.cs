namespace KvAspire.Gateway.Overload;

/// <summary>
/// Lets so many requests at once through to a service, and as many more wait for a short time. Fair by user: the users who
/// wait take turns (round robin), and where the queue is full the user with the longest line makes room, so that one who
/// sends much delays and displaces requests of nobody else.
/// </summary>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class BackendGate(OverloadOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = [];
    private readonly LinkedList<Line> turns = [];
    private int running;
    private int waiting;

    /// <summary>How many are through.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>How many wait.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Takes a place, and waits for one where it must. Who was let in gives it back by <see cref="Leave"/>.</summary>
    /// <param name="requester">Whose request it is.</param>
    /// <param name="gone">The client does not wait any more.</param>
    /// <returns>Whether there was a place.</returns>
    public ValueTask<bool> TryEnterAsync(string requester, CancellationToken gone)
    {
        Waiter waiter;
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

            waiter = Enqueue(requester);
        }

        return new(WaitAsync(waiter, gone));
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

    private async Task<bool> WaitAsync(Waiter waiter, CancellationToken gone)
    {
        using var patience = new CancellationTokenSource(options.MaxWait, time);
        await using var late = patience.Token.Register(() => GiveUp(waiter));
        await using var left = gone.Register(() => GiveUp(waiter));
        return await waiter.Turn.Task;
    }

    private void GiveUp(Waiter waiter)
    {
        lock (gate)
        {
            if (waiter.Place.List is null)
                return; // was let in, or sent away, in the same moment

            Remove(waiter);
            waiter.Turn.SetResult(false);
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

    private Waiter Enqueue(string requester)
    {
        if (!lines.TryGetValue(requester, out var line))
        {
            lines.Add(requester, line = new(requester));
            turns.AddLast(line.Turn);
        }

        var waiter = new Waiter(line);
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
        public Waiter(Line line) => (Line, Place) = (line, new(this));

        public Line Line { get; }

        public LinkedListNode<Waiter> Place { get; }

        // What follows must not run while the gate is locked.
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
