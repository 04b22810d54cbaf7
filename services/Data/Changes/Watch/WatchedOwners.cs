using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Watch;

/// <summary>The owners with open watches on this replica, and the last known revision of each.</summary>
internal sealed class WatchedOwners(IOptions<WatchOptions> options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, WatchedOwner> owners = [];
    private readonly Dictionary<ulong, List<WatchedOwner>> byMark = [];
    private int open;

    public int Open => Volatile.Read(ref open);
    public bool IsFull => Open >= options.Value.MaxOpen;

    /// <summary>Takes a place for a watch. <see cref="Leave"/> frees it.</summary>
    /// <returns>False if all places are taken.</returns>
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

    public string[] Names()
    {
        lock (gate)
            return [.. owners.Keys];
    }

    /// <summary>Records that an owner's changes reach up to a revision.</summary>
    public void Advance(string name, long revision)
    {
        lock (gate)
            owners.GetValueOrDefault(name)?.Advance(revision);
    }

    /// <summary>Does the same for all owners with a mark.</summary>
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
