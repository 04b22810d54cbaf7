using System.Threading.Channels;
using KvAspire.Data.Entries;

namespace KvAspire.Data.Cache;

/// <summary>
/// Committed changes of which the cache was not told, and running changes that it could not veil. While there are any, neither
/// this replica nor, through <see cref="CacheTrust"/>, any other serves from the cache.
/// </summary>
internal sealed class LostInvalidations(TimeProvider time)
{
    /// <summary>
    /// After this time every image that a lost invalidation should have removed has expired, even one that was filled late.
    /// </summary>
    public static readonly TimeSpan Relevance = EntryCache.TimeToLive + EntryCache.LeaseTime;

    private const int Capacity = 50_000;

    private readonly Channel<(LostInvalidation Change, long LostAt)> queue = Channel.CreateBounded<(LostInvalidation, long)>(Capacity);
    private int pending;
    private int held;
    private long overflowedAt;
    private long lastLostAt;

    public bool Any => Volatile.Read(ref pending) > 0 || Volatile.Read(ref held) > 0 || HasOverflowed;

    /// <summary>How many wait for delivery.</summary>
    public int Pending => Volatile.Read(ref pending);

    // Invalidations beyond the capacity are dropped, but not the fact that there were some.
    private bool HasOverflowed => Volatile.Read(ref overflowedAt) is var at and not 0 && time.GetElapsedTime(at) < Relevance;

    /// <summary>How long an image that one of them should have removed may live at most.</summary>
    public TimeSpan Rest => Volatile.Read(ref lastLostAt) is var at and not 0 ? Relevance - time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Records that a change starts which could not be veiled.</summary>
    public void Hold() => Interlocked.Increment(ref held);

    /// <summary>Records that such a change has ended. If it was stored, it was added before.</summary>
    public void Release() => Interlocked.Decrement(ref held);

    public void Add(LostInvalidation change)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref lastLostAt, now);
        Interlocked.Increment(ref pending);
        if (queue.Writer.TryWrite((change, now)))
            return;

        Volatile.Write(ref overflowedAt, now);
        Interlocked.Decrement(ref pending);
    }

    /// <summary>
    /// Reads all invalidations, each with the timestamp of its loss. Each must be settled by <see cref="Settle"/>.
    /// </summary>
    public IAsyncEnumerable<(LostInvalidation Change, long LostAt)> ReadAllAsync(CancellationToken cancellationToken) =>
        queue.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Records that an invalidation was delivered, or is no longer relevant.</summary>
    public void Settle() => Interlocked.Decrement(ref pending);
}

/// <summary>A change of which the cache was not told, with the token of its veil and the revision that it made or met.</summary>
internal readonly record struct LostInvalidation(EntryId Id, string Token, long Revision);
