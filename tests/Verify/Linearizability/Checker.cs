using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>
/// Searches for an order of the operations on one key that explains every response and respects real time: an operation that
/// ended before another one started comes first. Wing and Gong's search with Lowe's memory, as in Knossos and Porcupine.
/// </summary>
/// <remarks>
/// 1. An operation may come next if it started before the first end among the operations without a place.
/// 2. An operation that keeps the state is placed as soon as its response fits: earlier is never worse.
/// 3. Changes are tried in turn, first in the order of their revisions: a hint that saves time and proves nothing.
/// 4. A value that is still to be seen is not replaced: every write has a unique value, so the value would not come back.
/// 5. A change of unknown outcome that no operation saw (<see cref="ReducedHistory"/>) never ends: its place is at any time after
///    its start, or nowhere. It is only placed right before an operation that needs it; before any other it can be left out, or
///    come later. Two in a row reach no state that one or none does not. Of equal ones only the first sent is tried: it can do
///    whatever the others can.
/// 6. A configuration (the placed operations, and the state) is tried once. One that has used fewer unknown changes can do
///    whatever one that has used more can. A configuration that rule 5 restricts is not compared with others.
/// </remarks>
internal sealed class Checker
{
    private const long StepLimit = 5_000_000;

    private readonly Operation[] told;
    private readonly Operation[] operations;
    private readonly long[] hints;
    private readonly UInt128[] names;
    private readonly int[] unknownNumbers;
    private readonly Dictionary<long, int> toBeSeen = [];
    private readonly int unknowns;
    private readonly int[] next;
    private readonly int[] previous;
    private readonly int head;
    private readonly Dictionary<(UInt128 Placed, long State), List<ulong[]>> tried = [];
    private readonly ulong[] spent;

    private int open;
    private UInt128 placed;

    private Checker(IEnumerable<Operation> history, long slack)
    {
        (told, operations) = ReducedHistory.Of(history);
        hints = Hints.Of(told);
        names = [.. Names(operations.Length)];
        unknownNumbers = new int[operations.Length];
        for (var i = 0; i < operations.Length; i++)
            unknownNumbers[i] = IsUnknown(i) ? unknowns++ : -1;

        open = operations.Length - unknowns;
        foreach (var seen in operations.Select(operation => operation.Sees).Where(value => value != 0))
            toBeSeen[seen] = toBeSeen.GetValueOrDefault(seen) + 1;

        spent = new ulong[(unknowns + 63) / 64];

        // Node 2i is the start of operation i, 2i+1 its end; the last node is the head of the ring.
        head = 2 * operations.Length;
        next = new int[head + 1];
        previous = new int[head + 1];
        var nodes = Enumerable.Range(0, head).Where(node => node % 2 == 0 || !IsUnknown(node / 2)).OrderBy(Time).ThenBy(node => node % 2);
        var last = head;
        foreach (var node in nodes.Append(head))
        {
            next[last] = node;
            previous[node] = last;
            last = node;
        }

        long Time(int node)
        {
            var operation = operations[node / 2];
            return node % 2 == 1 ? operation.End : operation.FromCache ? operation.Start - slack : operation.Start;
        }
    }

    /// <summary>Checks the history of one key, which had no value before it.</summary>
    /// <param name="history">The operations, in any order.</param>
    /// <param name="staleness">The maximum staleness of values from the cache.</param>
    public static Verdict Check(IEnumerable<Operation> history, TimeSpan staleness = default) =>
        new Checker(history, (long)staleness.TotalMicroseconds).Search();

    private bool IsUnknown(int operation) => operations[operation].Outcome is Outcome.Unknown;

    private Verdict Search()
    {
        var path = new Stack<Configuration>();
        long state = 0, steps = 0;
        long? without = null;
        var fewest = int.MaxValue;
        (Operation? Operation, long State) end = default;

        while (true)
        {
            // Continues only with a new configuration.
            var here = new Configuration(state);
            PlaceWhatFits(here);
            if (open == 0)
                return new(Finding.Linearizable, steps);
            if (++steps > StepLimit)
                return new(Finding.Undecided, steps, end.Operation, end.State);

            if (open < fewest)
                (fewest, end) = (open, (FirstToEnd(), state));

            if (without is { } before && here.Fitting.Count == 0)
                here.Choices = IsKnown(state) ? [] : Choices(state, before);
            else if (IsNew(state))
                here.Choices = Choices(state);
            path.Push(here);

            // The next change of this configuration, or of the last one with changes left.
            while (!path.Peek().HasChoice)
            {
                Withdraw(path.Pop());
                if (path.Count == 0)
                    return new(Finding.Violation, steps, end.Operation, end.State);

                var above = path.Peek();
                Withdraw(above.Chosen);
                above.Taken++;
            }

            var from = path.Peek();
            operations[from.Chosen].TryApply(from.State, out state);
            without = IsUnknown(from.Chosen) ? from.State : null;
            Place(from.Chosen);
        }
    }

    private void PlaceWhatFits(Configuration here)
    {
        for (var node = next[head]; node % 2 == 0 && node != head; node = next[node])
        {
            var operation = operations[node / 2];
            if (operation.Changes || !operation.TryApply(here.State, out _))
                continue;

            here.Fitting.Add(node / 2);
            var before = previous[node];
            Place(node / 2);
            node = before;
        }
    }

    // Right after an unknown change (rule 5): only operations that the state before would not allow.
    private int[] Choices(long state, long? before = null)
    {
        var waiting = toBeSeen.GetValueOrDefault(state);
        var choices = new List<int>();
        var asked = new HashSet<(OperationKind, long, long)>();
        for (var node = next[head]; node % 2 == 0 && node != head; node = next[node])
        {
            var operation = operations[node / 2];
            if (!operation.Changes || !operation.TryApply(state, out _) || (waiting != 0 && !(waiting == 1 && operation.Sees == state)))
                continue;
            if (before is { } other && (IsUnknown(node / 2) || operation.TryApply(other, out _)))
                continue;
            if (IsUnknown(node / 2) && !asked.Add((operation.Kind, operation.Expected, operation.Value)))
                continue;

            choices.Add(node / 2);
        }

        choices.Sort((a, b) => hints[a] != hints[b] ? hints[a].CompareTo(hints[b]) : operations[a].End.CompareTo(operations[b].End));
        return [.. choices];
    }

    private bool IsKnown(long state) =>
        tried.TryGetValue((placed, state), out var before) && before.Exists(other => IsWithin(other, spent));

    private bool IsNew(long state)
    {
        if (IsKnown(state))
            return false;

        if (!tried.TryGetValue((placed, state), out var before))
            tried[(placed, state)] = before = [];
        before.Add([.. spent]);
        return true;
    }

    private static bool IsWithin(ulong[] few, ulong[] many)
    {
        for (var i = 0; i < few.Length; i++)
        {
            if ((few[i] & ~many[i]) != 0)
                return false;
        }

        return true;
    }

    private Operation? FirstToEnd()
    {
        var node = next[head];
        while (node % 2 == 0 && node != head)
            node = next[node];
        return node == head ? null : told[node / 2];
    }

    private void Place(int operation)
    {
        Remove(2 * operation);
        Count(operation, -1);
        if (!IsUnknown(operation))
            Remove((2 * operation) + 1);
    }

    private void Withdraw(int operation)
    {
        if (!IsUnknown(operation))
            Restore((2 * operation) + 1);
        Count(operation, 1);
        Restore(2 * operation);
    }

    private void Withdraw(Configuration configuration)
    {
        for (var i = configuration.Fitting.Count - 1; i >= 0; i--)
            Withdraw(configuration.Fitting[i]);
    }

    private void Count(int operation, int change)
    {
        if (unknownNumbers[operation] is var number and >= 0)
        {
            spent[number / 64] ^= 1UL << (number % 64);
            return;
        }

        placed ^= names[operation];
        open += change;
        if (operations[operation].Sees is var seen and not 0)
            toBeSeen[seen] += change;
    }

    private void Remove(int node)
    {
        next[previous[node]] = next[node];
        previous[next[node]] = previous[node];
    }

    private void Restore(int node)
    {
        next[previous[node]] = node;
        previous[next[node]] = node;
    }

    // Zobrist hashing: a set's hash combines 128 random bits of each member.
    private static IEnumerable<UInt128> Names(int count)
    {
        var random = new Random(20261124);
        return Enumerable.Range(0, count).Select(_ => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
    }

    private sealed class Configuration(long state)
    {
        public long State { get; } = state;

        public List<int> Fitting { get; } = [];

        public int[] Choices { get; set; } = [];

        public int Taken { get; set; }

        public bool HasChoice => Taken < Choices.Length;

        public int Chosen => Choices[Taken];
    }
}
