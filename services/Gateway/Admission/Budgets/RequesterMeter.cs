namespace KvAspire.Gateway.Admission.Budgets;

/// <summary>
/// One requester's budget at this gateway. Redis grants requests to it: several at once to a fast requester, one at a time to a
/// slow one. The meter remembers unused grants, and until when the budget is used up.
/// </summary>
internal sealed class RequesterMeter(BudgetKind kind, string requester, SharedWindow shared, TimeProvider clock)
{
    // An unused grant expires, and still counts as used.
    private static readonly TimeSpan GrantLifetime = TimeSpan.FromSeconds(1);

    // A grant is at most a thousandth of the limit.
    private const int GrantsPerWindow = 1_000;

    private readonly Lock gate = new();
    private readonly LocalWindow local = new();
    private Task<Grant?>? asking;
    private int waiting;
    private int granted;
    private int portion = 1;
    private long grantedAt = long.MinValue;
    private long freesAt;
    private long emptyUntil = long.MinValue;
    private int remaining;
    private (int Limit, TimeSpan Window) counted;

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

                // Counts each request once: a grant for more than wait may expire unused.
                if (!isWaiting)
                    waiting++;
                isWaiting = true;
                answer = asking ??= AskRedisAsync(budget);
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

    // One call for all requests that wait at that moment.
    private async Task<Grant?> AskRedisAsync(Budget budget)
    {
        await Task.Yield();
        int wanted;
        lock (gate)
        {
            var isFast = grantedAt != long.MinValue && clock.GetElapsedTime(grantedAt) < GrantLifetime / 10;
            portion = isFast ? Math.Min(portion * 2, Math.Max(1, budget.Limit / GrantsPerWindow)) : 1;
            wanted = Math.Max(waiting, portion);
        }

        var grant = await shared.TakeAsync(kind, requester, budget, wanted);
        lock (gate)
        {
            asking = null;
            if (grant is { } some)
            {
                var now = clock.GetTimestamp();
                (granted, remaining, grantedAt, freesAt) = (some.Count, some.Remaining, now, now + Ticks(some.FreesIn));
                if (some.Count == 0)
                    emptyUntil = freesAt;
            }
        }

        return grant;
    }

    private Decision? TryDecide(Budget budget)
    {
        var now = clock.GetTimestamp();
        if (counted != (budget.Limit, budget.Window))
            (counted, granted, emptyUntil) = ((budget.Limit, budget.Window), 0, long.MinValue); // new limits

        if (granted > 0 && now - grantedAt < Ticks(GrantLifetime))
        {
            granted--;
            local.TryAdd(now, Ticks(budget.Window), budget.Limit, isGranted: true);
            return new(true, budget, remaining + granted, SecondsUntil(freesAt, now));
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

    // Rounded up: a client that waits as long as Retry-After says is not too early.
    private int SecondsUntil(long moment, long now) => (int)Math.Max(1, Math.Ceiling((double)(moment - now) / clock.TimestampFrequency));
}

/// <param name="IsAllowed">Whether the request is within the budget.</param>
/// <param name="Budget">The budget.</param>
/// <param name="Remaining">How many more requests the budget allows now.</param>
/// <param name="ResetSeconds">The seconds until the budget allows another request.</param>
internal readonly record struct Decision(bool IsAllowed, Budget Budget, int Remaining, int ResetSeconds);

/// <summary>
/// A sliding-window log of one requester's requests at this gateway, which decides alone while Redis is unreachable. Requests
/// within a hundredth of the window share an entry, which leaves the window with its last request.
/// </summary>
internal sealed class LocalWindow
{
    private const int Parts = 100;

    private readonly Queue<(long From, int Count)> past = new();
    private (long From, long Last, int Count) current;
    private int total;

    /// <summary>Adds a request if it is within the limit, or if Redis has granted it already.</summary>
    public bool TryAdd(long now, long window, int limit, bool isGranted = false)
    {
        RemoveOld(now, window);
        if (total >= limit && !isGranted)
            return false;

        if (current.Count > 0 && now - current.From > window / Parts)
        {
            past.Enqueue((current.Last, current.Count));
            current = default;
        }

        current = current.Count == 0 ? (now, now, 1) : (current.From, now, current.Count + 1);
        total++;
        return true;
    }

    public int Total => total;

    /// <summary>The timestamp at which the oldest entry leaves the window.</summary>
    public long FreesAt(long now, long window) =>
        (past.TryPeek(out var oldest) ? oldest.From : current.Count > 0 ? current.Last : now) + window;

    private void RemoveOld(long now, long window)
    {
        while (past.TryPeek(out var oldest) && oldest.From + window <= now)
            total -= past.Dequeue().Count;
        if (current.Count > 0 && current.Last + window <= now)
        {
            total -= current.Count;
            current = default;
        }
    }
}
