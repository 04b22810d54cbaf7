using KvAspire.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace KvAspire.Gateway.RateLimits;

/// <summary>
/// What all gateways have let through, in Redis: for each subject a log of grants, oldest first, each with its moment by
/// Redis' clock, so that in any window no more than the limit passes (a sliding-window log). A grant is for one request or
/// for several at once; so the log is short and the gateway need not ask for each request.
/// </summary>
internal sealed class SharedLog(RedisGuard redis)
{
    // KEYS: the log; what the grants in it add up to. ARGV: limit, window in milliseconds, how many are wanted.
    // Answers how many are granted, how many are left, and the milliseconds until the oldest grant leaves the window.
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

    /// <summary>Asks for some requests.</summary>
    /// <returns>Null where Redis does not answer.</returns>
    public async ValueTask<Grant?> TakeAsync(BudgetKind kind, string subject, Budget budget, int wanted)
    {
        var name = $"limit:{{{kind}:{subject}}}";
        var taken = await redis.TryAsync(
            static (database, command) => database.ScriptEvaluateAsync(Take, command.Keys, command.Values),
            (Keys: new RedisKey[] { name, name + ":total" }, Values: new RedisValue[] { budget.Limit, (long)budget.Window.TotalMilliseconds, wanted }));
        if (!taken.Answered)
            return null;

        var parts = (long[])taken.Value!;
        return new((int)parts[0], (int)parts[1], TimeSpan.FromMilliseconds(parts[2]));
    }
}

/// <summary>What was granted.</summary>
/// <param name="Count">How many requests.</param>
/// <param name="Remaining">How many more there are in this window.</param>
/// <param name="FreesIn">How long until the next one leaves the window.</param>
internal readonly record struct Grant(int Count, int Remaining, TimeSpan FreesIn);
