using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>How far the cache lags behind.</summary>
internal static class Staleness
{
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(5);

    /// <summary>The least staleness of the cache that explains the history of one key; null where the bound does not.</summary>
    public static TimeSpan? Worst(IReadOnlyCollection<Operation> history, TimeSpan bound)
    {
        if (Checker.Check(history).Finding is Finding.Linearizable)
            return TimeSpan.Zero;
        if (Checker.Check(history, bound).Finding is not Finding.Linearizable)
            return null;

        var (low, high) = (TimeSpan.Zero, bound);
        while (high - low > Resolution)
        {
            var middle = (low + high) / 2;
            (low, high) = Checker.Check(history, middle).Finding is Finding.Linearizable ? (low, middle) : (middle, high);
        }

        return high;
    }
}
