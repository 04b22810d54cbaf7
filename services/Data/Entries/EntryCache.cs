using System.Globalization;
using System.Text;
using KvAspire.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Entries;

/// <summary>
/// The images of entries in Redis, by the protocol that docs/cache.md describes: readers fill under a lease, writers replace
/// older images and end leases, transactions hide what they change until it is committed.
/// </summary>
internal sealed class EntryCache(RedisGuard redis, CacheTrust trust, LostInvalidations lost, CacheMetrics metrics)
{
    /// <summary>
    /// How long an image is served at most. This bounds how long an image stays stale whose replacement never reached
    /// Redis, its writer having died; the price is one read of Postgres in that time for each entry in use.
    /// </summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(5);

    /// <summary>How long a reader may take to fill.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(2);

    // Longer than a transaction can take (the command's time-out).
    private static readonly RedisValue VeilMilliseconds = 10_000L;
    private static readonly RedisValue LeaseMilliseconds = (long)LeaseTime.TotalMilliseconds;
    private static readonly RedisValue Milliseconds = (long)TimeToLive.TotalMilliseconds;

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

    /// <summary>Sets what a reader found in Postgres: over its own lease, or over something older.</summary>
    public ValueTask<CacheOutcome> FillAsync(EntryId id, EntryImage image, byte[]? lease) => SetAsync([(id, image)], lease);

    /// <summary>
    /// Sets the images of committed changes; where that fails it goes on trying in the background, and returns once nobody
    /// serves what they replace.
    /// </summary>
    public async ValueTask PublishAsync(IReadOnlyList<(EntryId Id, EntryImage Image)> changes)
    {
        if (changes.Count == 0 || await SetAsync(changes) is not CacheOutcome.Unavailable)
            return;

        await LoseAsync(changes);
    }

    /// <summary>Sets an image that could not be set before.</summary>
    public ValueTask<CacheOutcome> SetAsync(EntryId id, EntryImage image) => SetAsync([(id, image)]);

    /// <summary>Hides entries from now on. Where that fails, returns once nobody serves anything from the cache.</summary>
    /// <returns>What <see cref="RevealAsync"/> takes.</returns>
    public async ValueTask<string> VeilAsync(IReadOnlyList<EntryId> ids)
    {
        var token = NewToken();
        var hidden = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Veil, command.Keys, command.Values),
            (Keys: Array.ConvertAll([.. ids], KeyOf), Values: new RedisValue[] { token, VeilMilliseconds }));
        if (!hidden.Answered)
            await LoseAsync(ids.Select(id => (id, EntryImage.Marker(0))));
        return token;
    }

    /// <summary>Lets all of them be filled anew, at once, now that the transaction is committed or undone.</summary>
    public async ValueTask RevealAsync(IReadOnlyList<(EntryId Id, EntryImage Image)> changes, string token)
    {
        RedisValue[] values = [token, Milliseconds, .. changes.Select(change => (RedisValue)change.Image.ForCache())];
        var revealed = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Reveal, command.Keys, command.Values),
            (Keys: changes.Select(change => KeyOf(change.Id)).ToArray(), Values: values));
        if (!revealed.Answered)
            await LoseAsync(changes);
    }

    /// <summary>
    /// What the names of all images of an owner begin with: with the owner's length, so that owner and key cannot be divided
    /// in another way. "e2" is the format of the images.
    /// </summary>
    public static string PrefixOf(string owner) => string.Create(CultureInfo.InvariantCulture, $"e2:{owner.Length}:{owner}:");

    private async ValueTask LoseAsync(IEnumerable<(EntryId Id, EntryImage Image)> changes)
    {
        trust.Suspend();
        foreach (var (id, image) in changes)
            lost.Add(id, EntryImage.Marker(image.Revision));
        await trust.DeclareLossAsync();
    }

    private async ValueTask<CacheOutcome> SetAsync(IReadOnlyList<(EntryId Id, EntryImage Image)> images, byte[]? lease = null)
    {
        var (keys, values) = (new RedisKey[images.Count], new RedisValue[(2 * images.Count) + 1]);
        values[0] = Milliseconds;
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(images[i].Id);
            values[(2 * i) + 1] = images[i].Image.ForCache();
            values[(2 * i) + 2] = lease ?? RedisValue.EmptyString;
        }

        var set = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(CacheScripts.Set, command.keys, command.values), (keys, values));
        var outcome = !set.Answered ? CacheOutcome.Unavailable
            : (long)set.Value! > 0 ? CacheOutcome.Stored
            : CacheOutcome.Superseded;
        metrics.Write(outcome);
        if (!set.Answered)
            trust.Suspend();
        return outcome;
    }

    private CacheOutcome Outcome(bool isAnswered, EntryImage image)
    {
        if (!isAnswered)
            trust.Suspend();
        return !isAnswered ? CacheOutcome.Unavailable : image.IsAnswer ? CacheOutcome.Hit : CacheOutcome.Miss;
    }

    private static string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.NextInt64():x16}");

    private static RedisKey KeyOf(EntryId id) => PrefixOf(id.Owner) + id.Key;
}
