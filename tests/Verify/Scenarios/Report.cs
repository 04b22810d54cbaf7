using System.Globalization;
using KvAspire.Verify.Histories;
using KvAspire.Verify.Linearizability;

namespace KvAspire.Verify.Scenarios;

/// <summary>What came of a scenario.</summary>
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

    /// <summary>How many operations there were to be at least.</summary>
    public required long Asked { get; init; }

    /// <summary>How many changes were refused for want of a dependency, beside the operations.</summary>
    public required int TurnedAway { get; init; }

    public required int Unknown { get; init; }

    public required int FromCache { get; init; }

    public required int Faults { get; init; }

    public required TimeSpan Took { get; init; }

    /// <summary>Acknowledged writes that are gone.</summary>
    public required int Lost { get; set; }

    /// <summary>The worst staleness of an answer of the cache; null where none explains the history.</summary>
    public TimeSpan? Worst { get; set; } = TimeSpan.Zero;

    /// <summary>The histories of the keys that were violated.</summary>
    public List<Operation> Evidence { get; } = [];

    /// <summary>What was violated, a sentence for each.</summary>
    public IReadOnlyList<string> Violations => violations;

    /// <summary>Whether all is well.</summary>
    public bool IsGood => violations.Count == 0 && Lost == 0 && Operations >= Asked;

    /// <summary>A row of the table.</summary>
    public string Row => string.Create(CultureInfo.InvariantCulture,
        $"| {Scenario} | {Operations} | {TurnedAway} | {Unknown} | {FromCache} | {Faults} | {Took.TotalSeconds:F0} | {violations.Count} | {Lost} | {Worst?.TotalMilliseconds:F0} |");

    /// <summary>Says so where there were fewer operations than asked for.</summary>
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
        $"{Scenario} (seed {Seed}), key {key}, {where}: {verdict.Finding} after {verdict.Steps} steps; with {(verdict.State == ReducedHistory.Unseen ? "a value that nobody saw" : verdict.State)} there, this has no place: {verdict.Inexplicable}");
}
