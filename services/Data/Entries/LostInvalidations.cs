using System.Threading.Channels;

namespace KvAspire.Data.Entries;

/// <summary>
/// Committed changes that the cache was not told of. As long as there are any this replica does not read the cache, nor,
/// by <see cref="CacheTrust"/>, does another.
/// </summary>
internal sealed class LostInvalidations(TimeProvider time)
{
    /// <summary>After this whatever a lost one should have replaced has expired: it lived that long at most, and was filled at most so late.</summary>
    public static readonly TimeSpan Relevance = EntryCache.TimeToLive + EntryCache.LeaseTime;

    private const int Capacity = 10_000;

    private readonly Channel<LostInvalidation> queue = Channel.CreateBounded<LostInvalidation>(Capacity);
    private int pending;
    private long overflowedAt;

    /// <summary>Whether there are any.</summary>
    public bool Any => Volatile.Read(ref pending) > 0 || HasOverflowed;

    /// <summary>How many wait to be delivered.</summary>
    public int Pending => Volatile.Read(ref pending);

    // Those that found no place are forgotten, but not that there were some.
    private bool HasOverflowed => Volatile.Read(ref overflowedAt) is var at and not 0 && time.GetElapsedTime(at) < Relevance;

    /// <summary>Remembers one.</summary>
    public void Add(EntryId id, EntryImage image)
    {
        var now = time.GetTimestamp();
        Interlocked.Increment(ref pending);
        if (queue.Writer.TryWrite(new(id, image, now)))
            return;

        Volatile.Write(ref overflowedAt, now);
        Interlocked.Decrement(ref pending);
    }

    /// <summary>All of them in turn; each is to be settled by <see cref="Settle"/>.</summary>
    public IAsyncEnumerable<LostInvalidation> ReadAllAsync(CancellationToken cancellationToken) =>
        queue.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Says that one was delivered, or matters no more.</summary>
    public void Settle() => Interlocked.Decrement(ref pending);
}

/// <summary>A change that the cache was not told of.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Image">A marker of the change's revision.</param>
/// <param name="LostAt">When, as a timestamp of the time provider.</param>
internal readonly record struct LostInvalidation(EntryId Id, EntryImage Image, long LostAt);
