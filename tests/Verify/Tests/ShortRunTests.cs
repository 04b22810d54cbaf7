using KvAspire.Verify.Histories;
using KvAspire.Verify.Scenarios;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>A short form of the long run: some seconds of each scenario, on one system.</summary>
[Collection(SharedSystem.Name)]
public sealed class ShortRunTests(SharedSystem shared, ITestOutputHelper output)
{
    private const long Operations = 10_000, Least = 300;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Histories_are_linearizable_in_calm_and_through_every_fault()
    {
        var cancel = TestContext.Current.CancellationToken;
        var seed = Random.Shared.Next();
        output.WriteLine(Report.Heading);

        var violations = new List<string>();
        foreach (var scenario in Scenario.All)
        {
            var report = await new Run(shared.System, seed).RunAsync(scenario, Operations, Longest, cancel, Least);
            output.WriteLine(report.Row);
            violations.AddRange(report.Violations);
            if (report.Lost > 0)
                violations.Add($"{scenario.Name} (seed {seed}): {report.Lost} acknowledged writes are gone");
            if (report.IsGood)
                continue;

            var file = Path.Combine(AppContext.BaseDirectory, $"{scenario.Name}-{seed}.jsonl");
            await HistoryFile.WriteAsync(file, report.Evidence, cancel);
            output.WriteLine($"history: {file}");
        }

        Assert.True(violations.Count == 0, string.Join('\n', violations));
    }
}
