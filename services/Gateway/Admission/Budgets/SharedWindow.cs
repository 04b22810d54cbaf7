using KvAspire.Redis;
using StackExchange.Redis;

namespace KvAspire.Gateway.Admission.Budgets;

/// <summary>
/// A sliding-window log in Redis, which all gateways share: the grants of each requester, oldest first, with their time by Redis'
/// clock. No window has more requests than the limit. A grant is for one or several requests, so the log stays short and a
/// gateway does not call Redis for each request.
/// </summary>
internal sealed class SharedWindow(RedisGuard redis)
{
    // KEYS: the log; the sum of its grants. ARGV: the limit, the window in milliseconds, the number of wanted requests.
    // Returns the granted number, the remaining number, and the milliseconds until the oldest grant leaves the window.
    private const string Take =
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local limit, window, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local total = tonumber(redis.call('GET', KEYS[2]) or '0')
        local frees = now + window
        while true do
            local oldest = redis.call('LINDEX', KEYS[1], 0)
            if not oldest then total = 0 break end
            local at, count = string.match(oldest, '(%d+):(%d+)')
            if at + window > now then frees = at + window break end
            redis.call('LPOP', KEYS[1])
            total = total - count
        end
        local granted = math.max(0, math.min(wanted, limit - total))
        if granted > 0 then
            total = total + granted
            redis.call('RPUSH', KEYS[1], string.format('%.0f:%.0f', now, granted))
            redis.call('PEXPIRE', KEYS[1], window)
            redis.call('SET', KEYS[2], total, 'PX', window)
        end
        return { granted, math.max(0, limit - total), frees - now }
        """;

    /// <summary>Asks Redis to grant requests.</summary>
    /// <returns>Null if Redis does not answer.</returns>
    public async ValueTask<Grant?> TakeAsync(BudgetKind kind, string requester, Budget budget, int wanted)
    {
        var name = $"limit:{{{kind}:{requester}}}";
        RedisValue[] values = [budget.Limit, (long)budget.Window.TotalMilliseconds, wanted];
        var taken = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(Take, command.Keys, command.Values),
            (Keys: new RedisKey[] { name, name + ":total" }, Values: values));
        if (!taken.Answered)
            return null;

        var parts = (long[])taken.Value!;
        return new((int)parts[0], (int)parts[1], TimeSpan.FromMilliseconds(parts[2]));
    }
}

/// <param name="Count">The number of granted requests.</param>
/// <param name="Remaining">How many more requests the window allows.</param>
/// <param name="FreesIn">The time until the oldest grant leaves the window.</param>
internal readonly record struct Grant(int Count, int Remaining, TimeSpan FreesIn);
