using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Tests;

/// <summary>The definition of linearizability by brute force, to test the checker on short histories.</summary>
internal static class EveryOrder
{
    /// <summary>Whether some order of the operations explains every answer.</summary>
    public static bool Explains(IReadOnlyList<Operation> history) => Explains([.. history.Where(Says)], state: 0);

    private static bool Says(Operation operation) =>
        operation.Outcome is not Outcome.Unavailable && !(operation.Kind is OperationKind.Read && operation.Outcome is Outcome.Unknown);

    private static bool Explains(List<Operation> left, long state)
    {
        if (left.TrueForAll(MayBeMissing))
            return true;

        foreach (var first in left)
        {
            var isLate = left.Exists(other => !MayBeMissing(other) && other.End < first.Start);
            if (!isLate && first.TryApply(state, out var next) && Explains([.. left.Where(other => !ReferenceEquals(other, first))], next))
                return true;
        }

        return false;
    }

    private static bool MayBeMissing(Operation operation) => operation.Outcome is Outcome.Unknown;
}
