using System.Globalization;
using System.Text;
using KvAspire.Data.Entries;
using KvAspire.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Cache;

/// <summary>
/// The images of entries in Redis, by the protocol of docs/explanations/cache.md: readers fill under a lease; writers veil entries before
/// they change them, and set the new images after.
/// </summary>
internal sealed class EntryCache(RedisGuard redis, CacheTrust trust, LostInvalidations lost, CacheMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// How long an image lives at most. An image can be stale only if two faults coincide: a writer dies, and Redis loses the
    /// veil of that writer. Then this limits for how long.
    /// </summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(60);

    /// <summary>How long a reader may take to fill.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(2);

    // Longer than statement_timeout (DatabaseSetup).
    private static readonly TimeSpan VeilTime = TimeSpan.FromSeconds(10);

    private static readonly RedisValue VeilMilliseconds = (long)VeilTime.TotalMilliseconds;
    private static readonly RedisValue LeaseMilliseconds = (long)LeaseTime.TotalMilliseconds;

    public async ValueTask<CachedEntry> ReadAsync(EntryId id)
    {
        if (!trust.Holds)
        {
            metrics.Read(CacheOutcome.Unavailable); // not asked, so not suspended
            return new(CacheOutcome.Unavailable);
        }

        var found = await redis.TryAsync(static (database, key) => database.StringGetAsync(key), KeyOf(id));
        var image = found.Answered ? EntryImage.Parse(found.Value) : default;
        var outcome = Outcome(found.Answered, image);
        metrics.Read(outcome);
        return new(outcome, image);
    }

    /// <summary>
    /// Reads several entries by one command. The outcome of a missing id is <see cref="CacheOutcome.Unavailable"/>.
    /// </summary>
    public async ValueTask<CachedEntry[]> ReadAsync(EntryId?[] ids)
    {
        var found = new CachedEntry[ids.Length];
        var keys = Array.ConvertAll(Array.FindAll(ids, id => id is not null), id => KeyOf(id!.Value));
        if (keys.Length == 0 || !trust.Holds)
            return found;

        var answer = await redis.TryAsync(static (database, keys) => database.StringGetAsync(keys), keys);
        for (var (i, next) = (0, 0); i < ids.Length; i++)
        {
            if (ids[i] is null)
                continue;

            var image = answer.Answered ? EntryImage.Parse(answer.Value![next++]) : default;
            found[i] = new(Outcome(answer.Answered, image), image);
            if (found[i].Outcome is CacheOutcome.Hit)
                metrics.Read(CacheOutcome.Hit); // the ordinary request counts all other outcomes
        }

        return found;
    }

    /// <summary>Takes a lease on an entry that the cache does not know, or returns what is there by now.</summary>
    /// <returns>A hit, a miss with the lease, or a miss without a lease where another reader fills.</returns>
    public async ValueTask<(CachedEntry Found, byte[]? Lease)> LeaseAsync(EntryId id)
    {
        var token = NewToken();
        var taken = await EvaluateAsync(CacheScripts.Lease, [KeyOf(id)], [token, LeaseMilliseconds]);

        var bytes = taken.Answered ? (byte[]?)taken.Value : null;
        var isMine = bytes.AsSpan().EndsWith(Encoding.ASCII.GetBytes(token));
        var image = isMine ? default : EntryImage.Parse(bytes);
        return (new(Outcome(taken.Answered, image), image), isMine ? bytes : null);
    }

    /// <summary>
    /// Tells the cache what a reader found in Postgres. The image replaces the lease. Without a lease it removes older images.
    /// </summary>
    public async ValueTask<CacheOutcome> FillAsync(EntryId id, EntryImage image, byte[]? lease)
    {
        var filled = await EvaluateAsync(
            CacheScripts.Fill, [KeyOf(id)], [lease is null ? image.Header : image.ForCache(), lease ?? RedisValue.EmptyString, NewLifetime()]);
        return Written(filled.Answered, filled.Value);
    }

    /// <summary>
    /// Veils entries that are about to be changed. If Redis does not answer, returns once no replica serves from the cache, and
    /// none will until the veil is lifted.
    /// </summary>
    /// <param name="ids">The entries, without duplicates.</param>
    public async ValueTask<Veil> VeilAsync(EntryId[] ids)
    {
        var veil = new Veil(ids, Array.ConvertAll(ids, KeyOf), NewToken());
        await RenewAsync(veil);
        return veil;
    }

    /// <summary>Lets a veil stand for its full time again.</summary>
    public async ValueTask RenewAsync(Veil veil)
    {
        if (veil.IsHeld)
            return;

        if ((await EvaluateAsync(CacheScripts.Veil, veil.Keys, [veil.Token, VeilMilliseconds])).Answered)
            return;

        trust.Suspend();
        veil.IsHeld = true;
        lost.Hold();
        try
        {
            await trust.DeclareLossAsync();
        }
        catch
        {
            veil.IsHeld = false;
            lost.Release();
            throw;
        }
    }

    /// <summary>
    /// Lifts a veil after the change was stored, or was certainly not. If Redis does not answer, returns once no replica serves
    /// from the cache, and retries in the background.
    /// </summary>
    /// <param name="veil">The veil.</param>
    /// <param name="images">For each entry, the image that was stored, or a marker of the revision that was met.</param>
    public async ValueTask LiftAsync(Veil veil, EntryImage[] images)
    {
        // Redis did not answer before. That was declared, so no replica uses Redis until it has been told of this change.
        if (!veil.IsHeld && await TryLiftAsync(veil.Token, veil.Keys, images) is not CacheOutcome.Unavailable)
            return;

        for (var i = 0; i < images.Length; i++)
            lost.Add(new(veil.Ids[i], veil.Token, images[i].Revision));
        if (veil.IsHeld)
            lost.Release();
        await trust.DeclareLossAsync();
    }

    /// <summary>
    /// Leaves a veil until it expires, because it is unknown whether the change was or will be stored. Then removes what has
    /// replaced the veil.
    /// </summary>
    public async Task AbandonAsync(Veil veil)
    {
        await Task.Delay(VeilTime, time);
        await LiftAsync(veil, Array.ConvertAll(veil.Ids, _ => EntryImage.Marker(long.MaxValue)));
    }

    /// <summary>Tells the cache of a change that it could not be told of before.</summary>
    public ValueTask<CacheOutcome> TellAsync(LostInvalidation change) =>
        TryLiftAsync(change.Token, [KeyOf(change.Id)], [EntryImage.Marker(change.Revision)]);

    /// <summary>
    /// The prefix of the names of all images of an owner. It has the length of the owner, so that two different pairs of owner
    /// and key never share a name. "e3" is the version of the format and the protocol.
    /// </summary>
    public static string PrefixOf(string owner) => string.Create(CultureInfo.InvariantCulture, $"e3:{owner.Length}:{owner}:");

    private async ValueTask<CacheOutcome> TryLiftAsync(string token, RedisKey[] keys, EntryImage[] images)
    {
        var lifted = await EvaluateAsync(CacheScripts.Lift, keys, [token, NewLifetime(), .. images.Select(image => (RedisValue)image.ForCache())]);
        return Written(lifted.Answered, lifted.Value);
    }

    private ValueTask<(bool Answered, RedisResult? Value)> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values) => redis.TryAsync(
        static (database, call) => database.ScriptEvaluateAsync(call.script, call.keys, call.values), (script, keys, values));

    private CacheOutcome Written(bool isAnswered, RedisResult? set)
    {
        var outcome = !isAnswered ? CacheOutcome.Unavailable
            : (long)set! > 0 ? CacheOutcome.Stored
            : CacheOutcome.Superseded;
        metrics.Write(outcome);
        if (!isAnswered)
            trust.Suspend();
        return outcome;
    }

    private CacheOutcome Outcome(bool isAnswered, EntryImage image)
    {
        if (!isAnswered)
            trust.Suspend();
        return !isAnswered ? CacheOutcome.Unavailable : image.IsAnswer ? CacheOutcome.Hit : CacheOutcome.Miss;
    }

    // In milliseconds. Images that were filled together must not expire together: thousands of misses at once overload
    // Postgres.
    private static RedisValue NewLifetime() => Random.Shared.NextInt64((long)TimeToLive.TotalMilliseconds / 2, (long)TimeToLive.TotalMilliseconds + 1);

    private static string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.NextInt64():x16}");

    private static RedisKey KeyOf(EntryId id) => PrefixOf(id.Owner) + id.Key;
}

/// <summary>
/// Hides entries in the cache while a writer changes them. The token tells this writer from others that veil the same entries.
/// </summary>
internal sealed class Veil(EntryId[] ids, RedisKey[] keys, string token)
{
    public EntryId[] Ids => ids;
    public RedisKey[] Keys => keys;
    public string Token => token;

    /// <summary>Redis did not take the veil. Instead, no replica serves from the cache.</summary>
    public bool IsHeld { get; set; }
}
