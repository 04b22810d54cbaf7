using System.Text.RegularExpressions;
using KvAspire.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Cache;

/// <summary>
/// Removes the images of an owner, of missing keys as well. Only the cache knows the missing keys, so the erasure scans all of
/// it, in small steps.
/// </summary>
internal sealed class CacheErasure(RedisGuard redis)
{
    private const string Start = "0";
    private const int StepSize = 1_000;

    /// <summary>Removes the images.</summary>
    /// <returns>Whether Redis confirmed it. If not, images live on for up to <see cref="EntryCache.TimeToLive"/>.</returns>
    public async Task<bool> RemoveAsync(string owner)
    {
        var (position, pattern) = (Start, Literally(EntryCache.PrefixOf(owner)) + "*");
        do
        {
            var step = await redis.TryAsync(
                static (database, arguments) => database.ExecuteAsync("SCAN", arguments),
                new object[] { position, "MATCH", pattern, "COUNT", StepSize });
            if (!step.Answered)
                return false;

            var parts = (RedisResult[])step.Value!;
            position = (string)parts[0]!;
            if ((RedisKey[])parts[1]! is { Length: > 0 } keys
                && !(await redis.TryAsync(static (database, keys) => database.KeyDeleteAsync(keys), keys)).Answered)
                return false;
        }
        while (position != Start);

        return true;
    }

    // Escapes a text for a pattern of SCAN.
    private static string Literally(string text) => Regex.Replace(text, @"[\\*?[\]]", @"\$&");
}
