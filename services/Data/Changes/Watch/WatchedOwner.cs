namespace KvAspire.Data.Changes.Watch;

/// <summary>An owner with at least one open watch on this replica.</summary>
internal sealed class WatchedOwner(string name)
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long last;

    /// <summary>The owner: the <c>sub</c> of the tokens.</summary>
    public string Name => name;

    public ulong Mark { get; } = OwnerMark.Of(name);

    /// <summary>The number of watches, which only <see cref="WatchedOwners"/> changes.</summary>
    public int Watches { get; set; }

    /// <summary>
    /// Completes at the next change. Take it before reading changes and await it after, so that no change is missed.
    /// </summary>
    public Task Changed
    {
        get
        {
            lock (gate)
                return changed.Task;
        }
    }

    /// <summary>Records that the owner's changes reach up to a revision.</summary>
    public void Advance(long revision)
    {
        lock (gate)
        {
            if (revision <= last)
                return;

            last = revision;
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
