namespace KvAspire.Data.Watch;

/// <summary>An owner whose changes somebody watches.</summary>
internal sealed class WatchedOwner(string name)
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long last;

    /// <summary>The owner: the <c>sub</c> of its tokens.</summary>
    public string Name => name;

    /// <summary>Stands for the owner in a notification.</summary>
    public ulong Mark { get; } = OwnerMark.Of(name);

    /// <summary>How many watch. Only <see cref="WatchedOwners"/> counts.</summary>
    public int Watches { get; set; }

    /// <summary>
    /// Completes with the next change. Take it before reading changes and await it after: so none slips in between.
    /// </summary>
    public Task Changed
    {
        get
        {
            lock (gate)
                return changed.Task;
        }
    }

    /// <summary>Its changes reach so far.</summary>
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
