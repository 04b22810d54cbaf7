using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>
/// Makes of a history the shortest that says the same: the fewer changes may or may not have happened, and the fewer values
/// differ, the fewer orders there are to try.
/// </summary>
internal static class ReducedHistory
{
    /// <summary>Whatever was written and never asked about again: one such value is as good as another.</summary>
    public const long Unseen = long.MinValue;

    /// <summary>
    /// 1. A read without an answer, and a change that was refused for want of a dependency, say nothing. The second was not
    ///    done: whoever reads its value has read what nobody wrote.
    /// 2. A change of unknown outcome whose value was seen was done, and before the first of those who saw it had ended. If
    ///    it is a swap, it has seen a value itself.
    /// 3. A value that nobody read, and that no swap expected, is only known to be one.
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

    // The values that somebody saw, each with the end of the first who did.
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
