using System.Globalization;
using KvAspire.Verify.Histories;
using KvAspire.Verify.Systems;

namespace KvAspire.Verify.Scenarios;

/// <summary>The long form, from the command line: all scenarios, or the named ones.</summary>
internal static class LongRun
{
    private const long Operations = 200_000;

    // Long enough for a slow machine. A run that reaches this limit fails: Report.Asked.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    /// <param name="arguments"><c>--seed N</c>, <c>--operations N</c>, <c>--out FOLDER</c>, and names of scenarios.</param>
    /// <returns>The exit code: 0 without violations.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (seed, operations, folder, names) = Read(arguments);
        Console.WriteLine($"seed {seed}");
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) => (pressed.Cancel, _) = (true, stop.CancelAsync());

        var reports = new List<Report>();
        foreach (var scenario in Scenario.All.Where(scenario => names.Count == 0 || names.Contains(scenario.Name)))
        {
            await using var system = await LiveSystem.StartAsync(stop.Token);
            var report = await new Run(system, seed) { Progress = Console.Error }.RunAsync(scenario, operations, Longest, stop.Token);
            reports.Add(report);
            await ShowAsync(report, folder, stop.Token);
        }

        Console.WriteLine();
        Console.WriteLine(Report.Heading);
        reports.ForEach(report => Console.WriteLine(report.Row));
        return reports.Count > 0 && reports.TrueForAll(report => report.IsGood) ? 0 : 1;
    }

    private static async Task ShowAsync(Report report, string folder, CancellationToken cancellationToken)
    {
        Console.WriteLine(report.Row);
        if (report.IsGood)
            return;

        foreach (var violation in report.Violations)
            Console.WriteLine(violation);

        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{report.Scenario}-{report.Seed}.jsonl");
        await HistoryFile.WriteAsync(file, report.Evidence, cancellationToken);
        Console.WriteLine($"history: {file}");
    }

    private static (int Seed, long Operations, string Folder, List<string> Names) Read(string[] arguments)
    {
        var (seed, operations, folder, names) = (Random.Shared.Next(), Operations, "artifacts/verify", new List<string>());
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--seed":
                    seed = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--operations":
                    operations = long.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--out":
                    folder = arguments[++i];
                    break;
                default:
                    names.Add(arguments[i]);
                    break;
            }
        }

        return (seed, operations, folder, names);
    }
}
