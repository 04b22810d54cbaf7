using System.Globalization;
using System.Text;
using KvAspire.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Entries;

/// <summary>
/// The images of entries in Redis, by the protocol that docs/cache.md describes: readers fill under a lease, writers hide it
/// before they change anything, and set it anew after.
/// </summary>
internal sealed class EntryCache(RedisGuard redis, CacheTrust trust, LostInvalidations lost, CacheMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// How long an image is served at most. Only where two things fail at once can it become stale, and then this bounds for
    /// how long: a writer dies, and Redis forgets the veil that it had set.
    /// </summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(60);

    /// <summary>How long a reader may take to fill.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(2);

    // Longer than the server lets a statement take: DatabaseRegistration.
    private static readonly TimeSpan VeilTime = TimeSpan.FromSeconds(10);

    private static readonly RedisValue VeilMilliseconds = (long)VeilTime.TotalMilliseconds;
    private static readonly RedisValue LeaseMilliseconds = (long)LeaseTime.TotalMilliseconds;

    /// <summary>Whether what the cache has may be served.</summary>
    public bool IsTrusted => trust.Holds;

    /// <summary>Looks an entry up.</summary>
    public async ValueTask<CachedEntry> ReadAsync(EntryId id)
    {
        if (!trust.Holds)
        {
            metrics.Read(CacheOutcome.Unavailable); // not asked, and so no sign that Redis is away
            return new(CacheOutcome.Unavailable);
        }

        var found = await redis.TryAsync(static (database, key) => database.StringGetAsync(key), KeyOf(id));
        var image = found.Answered ? EntryImage.Parse(found.Value) : default;
        var outcome = Outcome(found.Answered, image);
        metrics.Read(outcome);
        return new(outcome, image);
    }

    /// <summary>Looks entries up, all at once. Of those that are not named there is no outcome but that.</summary>
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
                metrics.Read(CacheOutcome.Hit); // whatever else it is, the ordinary request will find it again
        }

        return found;
    }

    /// <summary>Takes a lease on an entry of which nothing is known, or finds what is known meanwhile.</summary>
    /// <returns>A hit, a miss with the lease, or a miss without one where somebody else fills.</returns>
    public async ValueTask<(CachedEntry Found, byte[]? Lease)> LeaseAsync(EntryId id)
    {
        var token = NewToken();
        var taken = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Lease, command.Keys, command.Values),
            (Keys: new[] { KeyOf(id) }, Values: new RedisValue[] { token, LeaseMilliseconds }));

        var bytes = taken.Answered ? (byte[]?)taken.Value : null;
        var isMine = bytes.AsSpan().EndsWith(Encoding.ASCII.GetBytes(token));
        var image = isMine ? default : EntryImage.Parse(bytes);
        return (new(Outcome(taken.Answered, image), image), isMine ? bytes : null);
    }

    /// <summary>Tells what a reader found in Postgres: it is set in place of its lease; without one it ends what is older.</summary>
    public async ValueTask<CacheOutcome> FillAsync(EntryId id, EntryImage image, byte[]? lease)
    {
        var filled = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Fill, command.Keys, command.Values),
            (Keys: new[] { KeyOf(id) }, Values: new RedisValue[] { lease is null ? image.Header : image.ForCache(), lease ?? RedisValue.EmptyString, NewLifetime() }));
        return Written(filled.Answered, filled.Value);
    }

    /// <summary>
    /// Hides entries that are about to be changed. Where Redis does not answer, returns once nobody serves anything from the
    /// cache, nor will before the veil is lifted.
    /// </summary>
    /// <param name="ids">The entries, each once.</param>
    public async ValueTask<Veil> VeilAsync(EntryId[] ids)
    {
        var veil = new Veil(ids, Array.ConvertAll(ids, KeyOf), NewToken());
        await RenewAsync(veil);
        return veil;
    }

    /// <summary>Lets a veil stand for its full time once more.</summary>
    public async ValueTask RenewAsync(Veil veil)
    {
        if (veil.IsHeld)
            return;

        var hidden = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Veil, command.Keys, command.Values),
            (veil.Keys, Values: new RedisValue[] { veil.Token, VeilMilliseconds }));
        if (hidden.Answered)
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
    /// Lifts a veil: whatever was to be stored is, or will never be. Where Redis does not answer, goes on trying in the
    /// background, and returns once nobody serves anything from the cache.
    /// </summary>
    /// <param name="veil">The veil.</param>
    /// <param name="images">For each of its entries what was stored, or a marker of the revision that was met.</param>
    public async ValueTask LiftAsync(Veil veil, EntryImage[] images)
    {
        // Redis had not answered before. Until it has heard of this, nobody may use it: that was declared.
        if (!veil.IsHeld && await TryLiftAsync(veil.Token, veil.Keys, images) is not CacheOutcome.Unavailable)
            return;

        for (var i = 0; i < images.Length; i++)
            lost.Add(new(veil.Ids[i], veil.Token, images[i].Revision));
        if (veil.IsHeld)
            lost.Release();
        await trust.DeclareLossAsync();
    }

    /// <summary>
    /// Leaves a veil to its time: whether anything was stored, or will be, nobody knows. When that has passed, whatever has
    /// come in its place is ended.
    /// </summary>
    public async Task AbandonAsync(Veil veil)
    {
        await Task.Delay(VeilTime, time);
        await LiftAsync(veil, Array.ConvertAll(veil.Ids, _ => EntryImage.Marker(long.MaxValue)));
    }

    /// <summary>Tells of changes that could not be told of before.</summary>
    public ValueTask<CacheOutcome> TellAsync(LostInvalidation change) =>
        TryLiftAsync(change.Token, [KeyOf(change.Id)], [EntryImage.Marker(change.Revision)]);

    /// <summary>
    /// What the names of all images of an owner begin with: with the owner's length, so that owner and key cannot be divided
    /// in another way. "e3" is the format of the images, and the protocol by which they are set.
    /// </summary>
    public static string PrefixOf(string owner) => string.Create(CultureInfo.InvariantCulture, $"e3:{owner.Length}:{owner}:");

    private async ValueTask<CacheOutcome> TryLiftAsync(string token, RedisKey[] keys, EntryImage[] images)
    {
        RedisValue[] values = [token, NewLifetime(), .. images.Select(image => (RedisValue)image.ForCache())];
        var lifted = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Lift, command.keys, command.values), (keys, values));
        return Written(lifted.Answered, lifted.Value);
    }

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

    // In milliseconds. What was filled together must not expire together: thousands of misses at once are more than Postgres has time for.
    private static RedisValue NewLifetime() => Random.Shared.NextInt64((long)TimeToLive.TotalMilliseconds / 2, (long)TimeToLive.TotalMilliseconds + 1);

    private static string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.NextInt64():x16}");

    private static RedisKey KeyOf(EntryId id) => PrefixOf(id.Owner) + id.Key;
}
