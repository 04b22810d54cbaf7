using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>
/// Reduces a history to the shortest equivalent one: fewer uncertain changes and fewer distinct values mean fewer orders to try.
/// </summary>
internal static class ReducedHistory
{
    /// <summary>Stands for all values that were written and never seen: these are interchangeable.</summary>
    public const long Unseen = long.MinValue;

    /// <summary>
    /// 1. Drops reads without a response, and changes that were refused as unavailable. The latter were not done: a read of such
    ///    a value is a violation.
    /// 2. A change of unknown outcome whose value was seen is done, before the first operation that saw the value ended. A swap
    ///    has also seen its expected value.
    /// 3. Replaces values that no operation read or expected by <see cref="Unseen"/>.
    /// </summary>
    public static (Operation[] Told, Operation[] Reduced) Of(IEnumerable<Operation> history)
    {
        Operation[] told = [.. history.Where(operation => operation.Outcome is not Outcome.Unavailable
            && (operation.Kind is not OperationKind.Read || operation.Outcome is not Outcome.Unknown))];

        var seen = Seen(told);
        var named = told.Where(operation => operation.Kind is OperationKind.Swap).Select(swap => swap.Expected).Concat(seen.Keys).ToHashSet();
        return (told, [.. told.Select(Reduce)]);

        Operation Reduce(Operation operation)
        {
            if (operation is not { Changes: true, Kind: not OperationKind.Delete })
                return operation;
            if (operation.Outcome is Outcome.Unknown && seen.TryGetValue(operation.Value, out var end))
                return operation with { Outcome = Outcome.Done, End = end };

            return named.Contains(operation.Value) ? operation : operation with { Value = Unseen };
        }
    }

    // The seen values, each with the end of the first operation that saw it.
    private static Dictionary<long, long> Seen(Operation[] told)
    {
        var seen = new Dictionary<long, long>();
        var unknownSwaps = told.Where(operation => operation is { Kind: OperationKind.Swap, Outcome: Outcome.Unknown }).ToLookup(swap => swap.Value);
        foreach (var operation in told.Where(operation => operation.Sees != 0))
            See(operation.Sees, operation.End);
        return seen;

        void See(long value, long end)
        {
            if (seen.TryGetValue(value, out var known) && known <= end)
                return;

            seen[value] = end;
            foreach (var swap in unknownSwaps[value])
                See(swap.Expected, end);
        }
    }
}
