using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>Measures the staleness of the cache.</summary>
internal static class Staleness
{
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(5);

    /// <summary>The minimum staleness that explains the history of one key; null where even the bound does not.</summary>
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
