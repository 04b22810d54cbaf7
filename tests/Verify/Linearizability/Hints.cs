using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>The most likely order of changes.</summary>
internal static class Hints
{
    /// <summary>A rank for each operation, by its revision where a response has one.</summary>
    public static long[] Of(Operation[] operations)
    {
        var revisions = new Dictionary<long, long>();
        foreach (var operation in operations)
        {
            if (operation is { Revision: > 0, Value: > 0, Outcome: Outcome.Done })
                revisions[operation.Value] = operation.Revision;
        }

        // Operations without a revision, such as deletions, come after those that had ended before.
        var ended = operations.Where(operation => operation.Revision > 0).OrderBy(operation => operation.End).ToArray();
        return [.. operations.Select(Hint)];

        long Hint(Operation operation) =>
            !operation.Changes ? 0
            : operation.Revision > 0 ? operation.Revision
            : operation.Kind is not OperationKind.Delete && revisions.TryGetValue(operation.Value, out var seen) ? seen
            : operation.Outcome is Outcome.Unknown ? long.MaxValue
            : Before(operation.End);

        long Before(long end)
        {
            int low = 0, high = ended.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = ended[middle].End <= end ? (middle + 1, high) : (low, middle);
            }

            return low == 0 ? 0 : ended[low - 1].Revision;
        }
    }
}
