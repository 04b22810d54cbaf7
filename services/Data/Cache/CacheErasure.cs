using System.Text.RegularExpressions;
using KvAspire.Redis;
using StackExchange.Redis;

namespace KvAspire.Data.Cache;

/// <summary>
/// Removes the images of an owner, of missing keys as well. Only the cache knows the missing keys, so the erasure scans all of
/// it, in small steps.
/// </summary>
internal sealed class CacheErasure(RedisGuard redis, TimeProvider time)
{
    private const string Start = "0";
    private const int StepSize = 1_000;

    // Together longer than the guard skips commands after a failure.
    private const int MaxAttempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Removes the images.</summary>
    /// <returns>Whether Redis confirmed it. If not, images live on for up to <see cref="EntryCache.TimeToLive"/>.</returns>
    public async Task<bool> RemoveAsync(string owner)
    {
        var (position, pattern) = (Start, Literally(EntryCache.PrefixOf(owner)) + "*");
        do
        {
            var step = await InsistAsync(
                static (database, arguments) => database.ExecuteAsync("SCAN", arguments),
                new object[] { position, "MATCH", pattern, "COUNT", StepSize });
            if (!step.Answered)
                return false;

            var parts = (RedisResult[])step.Value!;
            position = (string)parts[0]!;
            if ((RedisKey[])parts[1]! is { Length: > 0 } keys
                && !(await InsistAsync(static (database, keys) => database.KeyDeleteAsync(keys), keys)).Answered)
                return false;
        }
        while (position != Start);

        return true;
    }

    // A scan has thousands of steps, and one that is late must not undo those before it. Both commands may be repeated.
    private async Task<(bool Answered, T? Value)> InsistAsync<TArgument, T>(
        Func<IDatabase, TArgument, Task<T>> command, TArgument argument)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await redis.TryAsync(command, argument);
            if (result.Answered || attempt == MaxAttempts)
                return result;

            await Task.Delay(Pause, time);
        }
    }

    // Escapes a text for a pattern of SCAN.
    private static string Literally(string text) => Regex.Replace(text, @"[\\*?[\]]", @"\$&");
}
