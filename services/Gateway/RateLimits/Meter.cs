namespace KvAspire.Gateway.RateLimits;

/// <summary>
/// One subject's budget as this gateway sees it: what it was granted and has not used yet, and since when there is nothing
/// left. Who asks fast is granted several requests at once, who asks slowly one by one.
/// </summary>
internal sealed class Meter(BudgetKind kind, string subject, SharedLog shared, TimeProvider clock)
{
    // What is not used in this time is lost, and counts all the same.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    // Asking so many times in a window is often enough.
    private const int GrantsPerWindow = 1_000;

    private readonly Lock gate = new();
    private readonly LocalLog local = new();
    private Task<Grant?>? asking;
    private int waiting;
    private int granted;
    private int portion = 1;
    private long grantedAt = long.MinValue;
    private long frees;
    private long emptyUntil = long.MinValue;
    private int remaining;
    private (int Limit, TimeSpan Window) counted;

    /// <summary>Takes one request out of the budget.</summary>
    public ValueTask<Decision> TakeAsync(Budget budget)
    {
        lock (gate)
        {
            if (TryDecide(budget) is { } decision)
                return ValueTask.FromResult(decision);
        }

        return AskAsync(budget);
    }

    private async ValueTask<Decision> AskAsync(Budget budget)
    {
        var isWaiting = false;
        while (true)
        {
            Task<Grant?> answer;
            lock (gate)
            {
                if (TryDecide(budget) is { } decision)
                    return Leave(decision);

                // Once, however often it asks: what is granted beyond those who wait may be lost.
                if (!isWaiting)
                    waiting++;
                isWaiting = true;
                answer = asking ??= AskForAllAsync(budget);
            }

            if (await answer is null)
            {
                lock (gate)
                    return Leave(DecideAlone(budget));
            }
        }

        Decision Leave(Decision decision)
        {
            if (isWaiting)
                waiting--;
            return decision;
        }
    }

    // One asks for all who wait at that moment.
    private async Task<Grant?> AskForAllAsync(Budget budget)
    {
        await Task.Yield();
        int wanted;
        lock (gate)
        {
            var isFast = grantedAt != long.MinValue && clock.GetElapsedTime(grantedAt) < KeptFor / 10;
            portion = isFast ? Math.Min(portion * 2, Math.Max(1, budget.Limit / GrantsPerWindow)) : 1;
            wanted = Math.Max(waiting, portion);
        }

        var grant = await shared.TakeAsync(kind, subject, budget, wanted);
        lock (gate)
        {
            asking = null;
            if (grant is { } some)
            {
                var now = clock.GetTimestamp();
                (granted, remaining, grantedAt, frees) = (some.Count, some.Remaining, now, now + Ticks(some.FreesIn));
                if (some.Count == 0)
                    emptyUntil = frees;
            }
        }

        return grant;
    }

    private Decision? TryDecide(Budget budget)
    {
        var now = clock.GetTimestamp();
        if (counted != (budget.Limit, budget.Window))
            (counted, granted, emptyUntil) = ((budget.Limit, budget.Window), 0, long.MinValue); // new limits

        if (granted > 0 && now - grantedAt < Ticks(KeptFor))
        {
            granted--;
            local.TryAdd(now, Ticks(budget.Window), budget.Limit, isGranted: true);
            return new(true, budget, remaining + granted, SecondsUntil(frees, now));
        }

        granted = 0;
        return now < emptyUntil ? new Decision(false, budget, 0, SecondsUntil(emptyUntil, now)) : null;
    }

    private Decision DecideAlone(Budget budget)
    {
        var (now, window) = (clock.GetTimestamp(), Ticks(budget.Window));
        var fits = local.TryAdd(now, window, budget.Limit);
        return new(fits, budget, Math.Max(0, budget.Limit - local.Total), SecondsUntil(local.FreesAt(now, window), now));
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);

    // A second is over when it has passed: whoever waits as long as he is told does not come too early.
    private int SecondsUntil(long moment, long now) => (int)Math.Max(1, Math.Ceiling((double)(moment - now) / clock.TimestampFrequency));
}

/// <summary>What became of a request.</summary>
/// <param name="IsAllowed">Whether it may pass.</param>
/// <param name="Budget">Whose limit counts.</param>
/// <param name="Remaining">How many more may pass.</param>
/// <param name="ResetSeconds">In how many seconds the next one leaves the window.</param>
internal readonly record struct Decision(bool IsAllowed, Budget Budget, int Remaining, int ResetSeconds);
