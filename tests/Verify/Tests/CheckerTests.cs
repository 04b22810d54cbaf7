using KvAspire.Verify.Histories;
using KvAspire.Verify.Linearizability;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>The checker on histories that are known to be right or wrong. Times are in milliseconds.</summary>
public sealed class CheckerTests
{
    [Fact]
    public void An_empty_history_is_linearizable() => AssertRight();

    [Fact]
    public void Sequential_operations_are_linearizable() => AssertRight(
        Create(1, 0, 1), Read(1, 2, 3), Put(2, 4, 5), Read(2, 6, 7), Delete(8, 9), ReadNothing(10, 11), Create(3, 12, 13), Read(3, 14, 15));

    [Fact]
    public void A_stale_read_is_a_violation() => AssertWrong(Create(1, 0, 1), Put(2, 2, 3), Read(1, 4, 5));

    [Fact]
    public void A_read_concurrent_with_a_write_may_see_either_value() => AssertRight(
        Create(1, 0, 1), Put(2, 2, 9), Read(1, 3, 4), Read(2, 5, 6), Read(2, 7, 8));

    [Fact]
    public void A_read_of_an_older_value_than_an_earlier_read_is_a_violation() => AssertWrong(
        Create(1, 0, 1), Put(2, 2, 9), Read(2, 3, 4), Read(1, 5, 6));

    [Fact]
    public void A_lost_write_is_a_violation() => AssertWrong(Create(1, 0, 1), Put(2, 2, 3), Put(3, 4, 5), Read(2, 6, 7));

    [Fact]
    public void A_value_that_was_never_written_is_a_violation() => AssertWrong(Create(1, 0, 1), Read(7, 2, 3));

    [Fact]
    public void A_deleted_value_that_comes_back_is_a_violation() => AssertWrong(Create(1, 0, 1), Delete(2, 3), ReadNothing(4, 5), Read(1, 6, 7));

    [Fact]
    public void Two_creations_without_a_deletion_between_them_are_a_violation() => AssertWrong(Create(1, 0, 4), Create(2, 1, 5));

    [Fact]
    public void Two_creations_with_a_concurrent_deletion_are_linearizable() => AssertRight(Create(1, 0, 4), Create(2, 1, 5), Delete(0, 6));

    [Fact]
    public void A_refused_creation_implies_an_existing_value()
    {
        AssertWrong(Told(OperationKind.Create, Outcome.Exists, 0, 1));
        AssertRight(Told(OperationKind.Create, Outcome.Exists, 0, 3), Create(1, 1, 2));
    }

    [Fact]
    public void A_missed_update_or_deletion_implies_that_there_was_no_value()
    {
        AssertWrong(Create(1, 0, 1), Told(OperationKind.Put, Outcome.Missing, 2, 3));
        AssertWrong(Create(1, 0, 1), Told(OperationKind.Delete, Outcome.Missing, 2, 3), Read(1, 4, 5));
        AssertRight(Told(OperationKind.Delete, Outcome.Missing, 0, 3), Create(1, 1, 2));
    }

    [Fact]
    public void Of_two_swaps_of_one_value_only_one_can_succeed()
    {
        AssertWrong(Create(1, 0, 1), Swap(2, 1, Outcome.Done, 2, 9), Swap(3, 1, Outcome.Done, 3, 8));
        AssertRight(Create(1, 0, 1), Swap(2, 1, Outcome.Done, 2, 9), Swap(3, 1, Outcome.Refused, 3, 8));
        AssertWrong(Create(1, 0, 1), Swap(2, 1, Outcome.Refused, 2, 3));
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_have_happened() => AssertRight(Create(1, 0, 1), Lost(OperationKind.Put, 2, 2), Read(2, 4, 5));

    [Fact]
    public void A_write_of_unknown_outcome_may_not_have_happened() => AssertRight(Create(1, 0, 1), Lost(OperationKind.Put, 2, 2), Read(1, 4, 5));

    [Fact]
    public void A_write_of_unknown_outcome_may_happen_much_later() => AssertRight(
        Create(1, 0, 1), Lost(OperationKind.Put, 2, 2), Read(1, 4, 5), Put(3, 6, 7), Read(3, 8, 9), Read(2, 10, 11));

    [Fact]
    public void A_write_of_unknown_outcome_does_not_happen_twice() => AssertWrong(
        Create(1, 0, 1), Lost(OperationKind.Put, 2, 2), Read(2, 4, 5), Put(3, 6, 7), Read(3, 8, 9), Read(2, 10, 11));

    [Fact]
    public void A_write_of_unknown_outcome_does_not_happen_before_it_was_sent() => AssertWrong(
        Create(1, 0, 1), Read(2, 2, 3), Lost(OperationKind.Put, 2, 4));

    [Fact]
    public void A_deletion_of_unknown_outcome_explains_a_missing_value_once() => AssertWrong(
        Create(1, 0, 1), Lost(OperationKind.Delete, 0, 2), ReadNothing(3, 4), Create(2, 5, 6), ReadNothing(7, 8));

    [Fact]
    public void A_write_that_was_refused_as_unavailable_did_not_happen()
    {
        AssertRight(Create(1, 0, 1), Told(OperationKind.Put, Outcome.Unavailable, 2, 3, 2), Read(1, 4, 5));
        AssertWrong(Create(1, 0, 1), Told(OperationKind.Put, Outcome.Unavailable, 2, 3, 2), Read(2, 4, 5));
    }

    [Fact]
    public void The_checker_agrees_with_a_search_of_all_orders()
    {
        var random = new Random(20261129);
        var (right, wrong) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var history = Anything(random);
            var expected = EveryOrder.Explains(history);
            Assert.True(expected == (Checker.Check(history).Finding is Finding.Linearizable), string.Join('\n', history.AsEnumerable()));
            (right, wrong) = expected ? (right + 1, wrong) : (right, wrong + 1);
        }

        Assert.True(right > 1_000 && wrong > 1_000, $"{right} right, {wrong} wrong");
    }

    [Fact]
    public void A_cached_value_may_be_stale_up_to_the_bound()
    {
        Operation[] history = [Create(1, 0, 1), Put(2, 2, 3), Read(1, 1003, 1004) with { FromCache = true }];

        Assert.Equal(Finding.Violation, Checker.Check(history, TimeSpan.FromMilliseconds(999)).Finding);
        Assert.Equal(Finding.Linearizable, Checker.Check(history, TimeSpan.FromMilliseconds(1001)).Finding);
        Assert.InRange(Staleness.Worst(history, TimeSpan.FromSeconds(5))!.Value.TotalMilliseconds, 995, 1010);
        Assert.Null(Staleness.Worst(history, TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public void A_value_from_Postgres_may_not_be_stale() =>
        Assert.Null(Staleness.Worst([Create(1, 0, 1), Put(2, 2, 3), Read(1, 1003, 1004)], TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_long_correct_history_is_linearizable_and_one_changed_response_is_found(int seed) =>
        AssertRightUntilChanged(Simulate(new Random(seed), operations: 10_000, clients: 16, lostOneIn: 50));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_long_correct_history_with_lost_responses_is_linearizable(int seed) =>
        AssertRightUntilChanged(Simulate(new Random(seed), operations: 10_000, clients: 16, lostOneIn: 4));

    private static void AssertRightUntilChanged(Operation[] history)
    {
        AssertRight(history);

        var changed = Array.FindIndex(history, 5000, operation => operation is { Kind: OperationKind.Read, Outcome: Outcome.Done });
        history[changed] = history[changed] with { Value = history.First(operation => operation is { Kind: OperationKind.Create, Outcome: Outcome.Done }).Value };
        AssertWrong(history);
    }

    // A few operations with random outcomes.
    private static Operation[] Anything(Random random) => [.. Enumerable.Range(1, random.Next(2, 8)).Select(value =>
    {
        var start = random.Next(12);
        var kind = (OperationKind)random.Next(6);
        var outcome = kind switch
        {
            OperationKind.Read => Any(Outcome.Done, Outcome.Done, Outcome.Missing),
            OperationKind.Create => Any(Outcome.Done, Outcome.Exists, Outcome.Unknown),
            OperationKind.Upsert => Any(Outcome.Done, Outcome.Unknown, Outcome.Unavailable),
            OperationKind.Swap => Any(Outcome.Done, Outcome.Refused, Outcome.Unknown),
            _ => Any(Outcome.Done, Outcome.Missing, Outcome.Unknown),
        };
        var told = kind is OperationKind.Delete || outcome is Outcome.Missing ? 0 : kind is OperationKind.Read ? random.Next(1, 5) : value;
        return Told(kind, outcome, start, start + random.Next(1, 8), told, kind is OperationKind.Swap ? random.Next(1, 5) : 0);

        Outcome Any(params Outcome[] outcomes) => outcomes[random.Next(outcomes.Length)];
    })];

    // Operations take effect between their start and their end. Some never get a response, whether they are done or not.
    private static Operation[] Simulate(Random random, int operations, int clients, int lostOneIn)
    {
        var free = new long[clients];
        var history = Enumerable.Range(1, operations).Select(value =>
        {
            var client = random.Next(clients);
            var start = free[client] + random.Next(1, 20);
            var end = free[client] = start + random.Next(2, 40);
            return (At: random.NextInt64(start, end), Asked: new Operation(
                client, "k", (OperationKind)random.Next(6), value, 0, Outcome.Done, start, end));
        }).OrderBy(pair => pair.At).ToArray();

        long state = 0, revision = 0, seen = 0;
        return [.. history.Select(pair => Answer(pair.Asked))];

        Operation Answer(Operation asked)
        {
            if (asked.Kind is OperationKind.Read)
                seen = state;

            var told = asked with { Expected = asked.Kind is OperationKind.Swap ? seen : 0 };
            told = told switch
            {
                { Kind: OperationKind.Read } when state == 0 => told with { Value = 0, Outcome = Outcome.Missing },
                { Kind: OperationKind.Read } => told with { Value = state, Revision = revision },
                { Kind: OperationKind.Create } when state != 0 => told with { Outcome = Outcome.Exists },
                { Kind: OperationKind.Put or OperationKind.Delete } when state == 0 => told with { Outcome = Outcome.Missing },
                { Kind: OperationKind.Swap } when state != seen || seen == 0 => told with { Outcome = Outcome.Refused, Expected = state == seen ? -1 : seen },
                _ => told,
            };
            var isLost = told.Changes && random.Next(lostOneIn) == 0;
            if (told.Changes && !(isLost && random.Next(2) == 0))
            {
                told.TryApply(state, out state);
                told = told with { Revision = ++revision };
            }

            return isLost ? told with { Outcome = Outcome.Unknown, Revision = 0 } : told;
        }
    }

    private static Operation Told(OperationKind kind, Outcome outcome, long start, long end, long value = 0, long expected = 0) =>
        new(0, "k", kind, value, expected, outcome, start * 1000, end * 1000);

    private static Operation Create(long value, long start, long end) => Told(OperationKind.Create, Outcome.Done, start, end, value);

    private static Operation Put(long value, long start, long end) => Told(OperationKind.Put, Outcome.Done, start, end, value);

    private static Operation Delete(long start, long end) => Told(OperationKind.Delete, Outcome.Done, start, end);

    private static Operation Read(long value, long start, long end) => Told(OperationKind.Read, Outcome.Done, start, end, value);

    private static Operation ReadNothing(long start, long end) => Told(OperationKind.Read, Outcome.Missing, start, end);

    private static Operation Swap(long value, long expected, Outcome outcome, long start, long end) =>
        Told(OperationKind.Swap, outcome, start, end, value, expected);

    private static Operation Lost(OperationKind kind, long value, long start) => Told(kind, Outcome.Unknown, start, start + 1, value);

    private static void AssertRight(params Operation[] history) => Assert.Equal(Finding.Linearizable, Checker.Check(history).Finding);

    private static void AssertWrong(params Operation[] history) => Assert.Equal(Finding.Violation, Checker.Check(history).Finding);
}
