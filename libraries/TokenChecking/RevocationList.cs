using System.Collections.Concurrent;

namespace KvAspire.TokenChecking;

/// <summary>
/// The revocations that this process knows, in memory. Entries are removed once their tokens have expired, which bounds the list.
/// </summary>
public sealed class RevocationList(TimeProvider clock)
{
    // About 200 MB. It takes hundreds of revocations a second, for an hour, to get there.
    private const int MaxEntries = 1_000_000;

    private readonly ConcurrentDictionary<string, Revocation> tokens = new(), sessions = new(), subjects = new();
    private long version;
    private long fetchedAt = clock.GetTimestamp();

    /// <summary>How long ago the list was up to date; at first, how long ago the process began.</summary>
    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref fetchedAt));

    /// <summary>Notes that the list is up to date.</summary>
    public void MarkFetched() => Volatile.Write(ref fetchedAt, clock.GetTimestamp());

    /// <summary>Grows after each addition: a token that was checked at this version needs no new check.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>The number of revocations.</summary>
    public int Count => tokens.Count + sessions.Count + subjects.Count;

    /// <summary>Adds new revocations.</summary>
    public void Add(params IEnumerable<Revocation> revocations)
    {
        var changed = false;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var revocation in revocations)
        {
            if (revocation.Until > now && Of(revocation.Kind) is { } list)
                changed |= Add(list, revocation);
        }

        if (changed)
            Interlocked.Increment(ref version);
    }

    /// <summary>Whether a token with these claims is revoked.</summary>
    public bool Covers(string tokenId, string? sessionId, string subject, long issuedAt) =>
        tokens.ContainsKey(tokenId)
        || (sessionId is not null && sessions.ContainsKey(sessionId))
        || (subjects.TryGetValue(subject, out var revoked) && issuedAt < revoked.Before);

    /// <summary>Removes the revocations of expired tokens.</summary>
    public void Prune()
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var list in new[] { tokens, sessions, subjects })
        {
            foreach (var (value, revocation) in list)
            {
                if (revocation.Until <= now)
                    list.TryRemove(new(value, revocation));
            }

            // Limits memory under attack: the tokens that expire first lose their revocation first.
            if (list.Count > MaxEntries)
            {
                foreach (var (value, _) in list.OrderBy(entry => entry.Value.Until).Take(list.Count - MaxEntries))
                    list.TryRemove(value, out _);
            }
        }
    }

    private static bool Add(ConcurrentDictionary<string, Revocation> list, Revocation revocation)
    {
        while (true)
        {
            if (!list.TryGetValue(revocation.Value, out var known))
            {
                if (list.TryAdd(revocation.Value, revocation))
                    return true;
            }
            else if (known.Before >= revocation.Before && known.Until >= revocation.Until)
            {
                return false;
            }
            else if (list.TryUpdate(revocation.Value, revocation, known))
            {
                return true;
            }
        }
    }

    private ConcurrentDictionary<string, Revocation>? Of(string kind) => kind switch
    {
        RevocationKinds.Token => tokens,
        RevocationKinds.Session => sessions,
        RevocationKinds.Subject => subjects,
        _ => null,
    };
}
