using System.Text;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Owners;

/// <summary>
/// Removes an owner's images from the cache, of keys that exist and of keys that do not. Only the cache knows the latter, so
/// that all of it is walked through, in steps that hold nobody up. Where Redis does not answer, what it has expires within
/// <see cref="EntryCache.TimeToLive"/> or little more.
/// </summary>
internal sealed class CacheErasure(RedisGuard redis)
{
    private const string Start = "0";
    private const int StepSize = 1_000;

    /// <summary>Removes them.</summary>
    public async Task RemoveAsync(string owner)
    {
        var (position, pattern) = (Start, Literally(EntryCache.PrefixOf(owner)) + "*");
        do
        {
            var step = await redis.TryAsync(
                static (database, arguments) => database.ExecuteAsync("SCAN", arguments),
                new object[] { position, "MATCH", pattern, "COUNT", StepSize });
            if (!step.Answered)
                return;

            var parts = (RedisResult[])step.Value!;
            position = (string)parts[0]!;
            if ((RedisKey[])parts[1]! is { Length: > 0 } keys)
                await redis.TryAsync(static (database, keys) => database.KeyDeleteAsync(keys), keys);
        }
        while (position != Start);
    }

    // A pattern that matches a text and nothing else.
    private static string Literally(string text)
    {
        var pattern = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '\\' or '*' or '?' or '[' or ']')
                pattern.Append('\\');
            pattern.Append(c);
        }

        return pattern.ToString();
    }
}
