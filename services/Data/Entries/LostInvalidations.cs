using System.Threading.Channels;

namespace KvAspire.Data.Entries;

/// <summary>
/// Committed changes that the cache was not told of, and changes under way that it was not warned of. As long as there are any this replica does not read the cache, nor,
/// by <see cref="CacheTrust"/>, does another.
/// </summary>
internal sealed class LostInvalidations(TimeProvider time)
{
    /// <summary>After this whatever a lost one should have replaced has expired: it lived that long at most, and was filled at most so late.</summary>
    public static readonly TimeSpan Relevance = EntryCache.TimeToLive + EntryCache.LeaseTime;

    private const int Capacity = 50_000;

    private readonly Channel<(LostInvalidation Change, long LostAt)> queue = Channel.CreateBounded<(LostInvalidation, long)>(Capacity);
    private int pending;
    private int held;
    private long overflowedAt;

    /// <summary>Whether there are any.</summary>
    public bool Any => Volatile.Read(ref pending) > 0 || Volatile.Read(ref held) > 0 || HasOverflowed;

    /// <summary>How many wait to be delivered.</summary>
    public int Pending => Volatile.Read(ref pending);

    // Those that found no place are forgotten, but not that there were some.
    private bool HasOverflowed => Volatile.Read(ref overflowedAt) is var at and not 0 && time.GetElapsedTime(at) < Relevance;

    /// <summary>Says that a change begins that the cache could not be warned of, …</summary>
    public void Hold() => Interlocked.Increment(ref held);

    /// <summary>… and that it has ended, and is among these or was never made.</summary>
    public void Release() => Interlocked.Decrement(ref held);

    /// <summary>Remembers one.</summary>
    public void Add(LostInvalidation change)
    {
        var now = time.GetTimestamp();
        Interlocked.Increment(ref pending);
        if (queue.Writer.TryWrite((change, now)))
            return;

        Volatile.Write(ref overflowedAt, now);
        Interlocked.Decrement(ref pending);
    }

    /// <summary>All of them in turn, with the timestamp of when each was lost; each is to be settled by <see cref="Settle"/>.</summary>
    public IAsyncEnumerable<(LostInvalidation Change, long LostAt)> ReadAllAsync(CancellationToken cancellationToken) =>
        queue.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Says that one was delivered, or matters no more.</summary>
    public void Settle() => Interlocked.Decrement(ref pending);
}

/// <summary>A change that the cache was not told of.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Token">The token of the writer's veil.</param>
/// <param name="Revision">The revision that it made, or met.</param>
internal readonly record struct LostInvalidation(EntryId Id, string Token, long Revision);
