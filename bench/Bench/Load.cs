using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KvAspire.Bench;

/// <summary>A load for some seconds, by a program made for that, and what came of it.</summary>
/// <param name="PerSecond">Requests, or transactions, in a second.</param>
/// <param name="P50">Median latency in milliseconds, where the program tells it.</param>
/// <param name="P99">The latency in milliseconds that 99 of 100 stayed under.</param>
/// <param name="CpuMicroseconds">Processor time for each, over all processes, the load generator's included.</param>
/// <param name="Failed">Answers that were no success.</param>
internal sealed partial record Load(double PerSecond, double P50, double P99, double CpuMicroseconds, long Failed)
{
    /// <summary>wrk: requests over HTTP/1.1 as a script makes them.</summary>
    public static async Task<Load> WrkAsync(Uri address, string script, int connections, int seconds, IReadOnlyDictionary<string, string> settings)
    {
        var before = CpuTime.Descendants();
        var output = await RunAsync(
            "wrk", ["-t2", $"-c{connections}", $"-d{seconds}s", "--latency", "-s", script, address.ToString()], settings);
        var cpu = CpuTime.Descendants() - before;

        var requests = Number(Requests().Match(output));
        return new(
            Number(Rate().Match(output)), Milliseconds(Latency("50").Match(output)), Milliseconds(Latency("99").Match(output)),
            cpu / requests * 1e6, (long)Number(Errors().Match(output)));
    }

    /// <summary>pgbench: a script of SQL, by the protocol <c>prepared</c>, or by <c>simple</c>, which is its default.</summary>
    public static async Task<Load> PgbenchAsync(
        string program, string script, string protocol, int clients, int seconds, IReadOnlyDictionary<string, string> connection)
    {
        var before = CpuTime.Descendants();
        var output = await RunAsync(
            program, ["-n", "-M", protocol, "-c", $"{clients}", "-j", "2", "-T", $"{seconds}", "-f", script], connection);
        var cpu = CpuTime.Descendants() - before;

        var transactions = Number(Transactions().Match(output));
        return new(Number(Tps().Match(output)), Number(AverageLatency().Match(output)), 0, cpu / transactions * 1e6, 0);
    }

    /// <summary>The middle one of several rounds, figure by figure.</summary>
    public static Load Median(IReadOnlyList<Load> rounds) => new(
        Middle(rounds, load => load.PerSecond), Middle(rounds, load => load.P50), Middle(rounds, load => load.P99),
        Middle(rounds, load => load.CpuMicroseconds), rounds.Sum(load => load.Failed));

    private static double Middle(IReadOnlyList<Load> rounds, Func<Load, double> figure) =>
        Figures.Median(rounds.Select(figure));

    private static async Task<string> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} failed: {await error}");
    }

    private static double Number(Match match) =>
        match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static double Milliseconds(Match match) => Number(match) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };

    private static Regex Latency(string percent) => new($@"^\s+{percent}%\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Tps();

    [GeneratedRegex(@"transactions actually processed: (\d+)")]
    private static partial Regex Transactions();

    [GeneratedRegex(@"latency average = ([\d.]+) ms")]
    private static partial Regex AverageLatency();
}
