using System.Globalization;
using KvAspire.Data.Cache;
using StackExchange.Redis;

namespace KvAspire.Data.Entries;

/// <summary>
/// The images of entries in Redis. All are set by compare-and-set on their headers, by writers after the commit and by
/// readers who fill, so that in whatever order those arrive the newest stays. A deletion sets a tombstone for the same
/// reason: over an absent key, a slow reader would bring the deleted value back.
/// </summary>
internal sealed class EntryCache(CacheGuard redis, LostInvalidations lost, CacheMetrics metrics)
{
    /// <summary>
    /// How long an image is served at most. This bounds how long an image stays stale whose replacement never reached
    /// Redis, its writer having died; the price is one read of Postgres in that time for each entry in use.
    /// </summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(30);

    /// <summary>How old what a reader brings may be: far less than the newer image lives that would refuse it.</summary>
    public static readonly TimeSpan LongestFill = TimeSpan.FromSeconds(5);

    // Larger ones would hold up everybody's commands on Redis' one thread, and crowd out a thousand small ones.
    private const int MaxImageBytes = 64 * 1024;

    // Outlives every image that could still be set or served under it.
    private static readonly RedisValue TombstoneMilliseconds = (long)(2 * (TimeToLive + LongestFill)).TotalMilliseconds;
    private static readonly RedisValue Milliseconds = (long)TimeToLive.TotalMilliseconds;

    // Headers are digits, which every locale that Lua may compare by has in this order.
    private static readonly string CompareAndSet = string.Create(CultureInfo.InvariantCulture,
        $"""
        local present = redis.call('GETRANGE', KEYS[1], 0, {EntryImage.HeaderLength - 1})
        if present ~= '' and present >= string.sub(ARGV[1], 1, {EntryImage.HeaderLength}) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """);

    /// <summary>Looks an entry up.</summary>
    public async ValueTask<CachedEntry> ReadAsync(EntryId id)
    {
        var found = lost.Any ? default : await redis.TryAsync(static (database, key) => database.StringGetAsync(key), KeyOf(id));
        var image = found.Answered ? EntryImage.Parse(found.Value) : default;
        var outcome = !found.Answered ? CacheOutcome.Unavailable
            : image.IsLive || image.IsTombstone ? CacheOutcome.Hit
            : CacheOutcome.Miss;

        metrics.Read(outcome);
        return new(outcome, image);
    }

    /// <summary>Sets an image unless one as new is there.</summary>
    public async ValueTask<CacheOutcome> SetAsync(EntryId id, EntryImage image)
    {
        if (image.Bytes.Length > MaxImageBytes)
            image = EntryImage.Marker(image.Revision);

        var set = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CompareAndSet, command.Keys, command.Values),
            (Keys: new[] { KeyOf(id) }, Values: new RedisValue[] { image.Bytes, image.IsTombstone ? TombstoneMilliseconds : Milliseconds }));
        var outcome = !set.Answered ? CacheOutcome.Unavailable
            : (long)set.Value! == 1 ? CacheOutcome.Stored
            : CacheOutcome.Superseded;

        metrics.Write(outcome);
        return outcome;
    }

    /// <summary>Sets the image of a committed change; where that fails it goes on trying in the background.</summary>
    public async ValueTask PublishAsync(EntryId id, EntryImage image)
    {
        if (await SetAsync(id, image) is CacheOutcome.Unavailable)
            lost.Add(id, image.IsTombstone ? image : EntryImage.Marker(image.Revision));
    }

    /// <summary>
    /// What the names of all images of an owner begin with: with the owner's length, so that owner and key cannot be divided
    /// in another way. "e1" is the format of the images.
    /// </summary>
    public static string PrefixOf(string owner) => string.Create(CultureInfo.InvariantCulture, $"e1:{owner.Length}:{owner}:");

    private static RedisKey KeyOf(EntryId id) => PrefixOf(id.Owner) + id.Key;
}
