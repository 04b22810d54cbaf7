using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Watch;

/// <summary>The owners whose changes somebody watches on this replica, and how far their changes are known to reach.</summary>
internal sealed class WatchedOwners(IOptions<WatchOptions> options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, WatchedOwner> owners = [];
    private readonly Dictionary<ulong, List<WatchedOwner>> byMark = [];
    private int open;

    /// <summary>How many watches are open.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Whether all places are taken.</summary>
    public bool IsFull => Open >= options.Value.MaxOpen;

    /// <summary>Takes a place for one more watch. Give it back by <see cref="Leave"/>.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryEnter(string name, [NotNullWhen(true)] out WatchedOwner? owner)
    {
        lock (gate)
        {
            owner = null;
            if (IsFull)
                return false;
            if (!owners.TryGetValue(name, out var known))
                known = Add(name);
            if (known.Watches >= options.Value.MaxPerOwner)
                return false;

            known.Watches++;
            open++;
            owner = known;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(WatchedOwner owner)
    {
        lock (gate)
        {
            open--;
            if (--owner.Watches > 0)
                return;

            owners.Remove(owner.Name);
            if (byMark[owner.Mark] is { Count: > 1 } shared)
                shared.Remove(owner);
            else
                byMark.Remove(owner.Mark);
        }
    }

    /// <summary>All of them.</summary>
    public string[] Names()
    {
        lock (gate)
            return [.. owners.Keys];
    }

    /// <summary>An owner's changes reach so far.</summary>
    public void Advance(string name, long revision)
    {
        lock (gate)
            owners.GetValueOrDefault(name)?.Advance(revision);
    }

    /// <summary>The changes of whoever has this mark reach so far.</summary>
    public void Advance(ulong mark, long revision)
    {
        lock (gate)
            byMark.GetValueOrDefault(mark)?.ForEach(owner => owner.Advance(revision));
    }

    private WatchedOwner Add(string name)
    {
        var owner = new WatchedOwner(name);
        owners.Add(name, owner);
        if (byMark.TryGetValue(owner.Mark, out var others))
            others.Add(owner);
        else
            byMark.Add(owner.Mark, [owner]);
        return owner;
    }
}
