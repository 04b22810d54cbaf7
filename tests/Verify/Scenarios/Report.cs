using System.Globalization;
using KvAspire.Verify.Histories;
using KvAspire.Verify.Linearizability;

namespace KvAspire.Verify.Scenarios;

/// <summary>The result of a scenario.</summary>
internal sealed class Report
{
    /// <summary>The heading of <see cref="Row"/>.</summary>
    public const string Heading =
        "| scenario | operations | turned away | unknown outcomes | cache hits | faults | seconds | violated keys | lost writes | worst staleness ms |\n"
        + "|---|---|---|---|---|---|---|---|---|---|";

    private readonly List<string> violations = [];

    public required string Scenario { get; init; }

    public required int Seed { get; init; }

    public required int Operations { get; init; }

    /// <summary>The minimum number of operations.</summary>
    public required long Asked { get; init; }

    /// <summary>Changes that the service refused as unavailable. They do not count as operations.</summary>
    public required int TurnedAway { get; init; }

    public required int Unknown { get; init; }

    public required int FromCache { get; init; }

    public required int Faults { get; init; }

    public required TimeSpan Took { get; init; }

    /// <summary>Lost acknowledged writes.</summary>
    public required int Lost { get; set; }

    /// <summary>The worst staleness of a response from the cache; null where no staleness explains the history.</summary>
    public TimeSpan? Worst { get; set; } = TimeSpan.Zero;

    /// <summary>The histories of the violated keys.</summary>
    public List<Operation> Evidence { get; } = [];

    public IReadOnlyList<string> Violations => violations;

    public bool IsGood => violations.Count == 0 && Lost == 0 && Operations >= Asked;

    /// <summary>A row of the table.</summary>
    public string Row => string.Create(CultureInfo.InvariantCulture,
        $"| {Scenario} | {Operations} | {TurnedAway} | {Unknown} | {FromCache} | {Faults} | {Took.TotalSeconds:F0} | {violations.Count} | {Lost} | {Worst?.TotalMilliseconds:F0} |");

    /// <summary>Records a violation where there were too few operations.</summary>
    public void CountOperations()
    {
        if (Operations < Asked)
            violations.Add($"{Scenario} (seed {Seed}): only {Operations} of {Asked} operations");
    }

    public void LostOn(string key, Verdict verdict)
    {
        Lost++;
        Add(key, verdict, "past the cache");
    }

    public void Violated(string key, Verdict verdict, IEnumerable<Operation> history)
    {
        Evidence.AddRange(history);
        Add(key, verdict, "with the cache");
    }

    private void Add(string key, Verdict verdict, string where) => violations.Add(
        $"{Scenario} (seed {Seed}), key {key}, {where}: {verdict.Finding} after {verdict.Steps} steps; with {(verdict.State == ReducedHistory.Unseen ? "a value that no operation saw" : verdict.State)} there, this operation has no place: {verdict.Inexplicable}");
}
