using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KvAspire.Bench;

/// <summary>The result of a load generator.</summary>
/// <param name="PerSecond">Requests or transactions per second.</param>
/// <param name="P50">The median latency in milliseconds; for pgbench the mean.</param>
/// <param name="P99">The 99th percentile of the latency in milliseconds; 0 for pgbench.</param>
/// <param name="CpuMicroseconds">CPU time per request over all processes, including the load generator.</param>
/// <param name="Seen">
/// The share of the machine's CPU time in that figure. The rest is the kernel's work and processes that were not counted.
/// </param>
/// <param name="Failed">Responses other than successes.</param>
internal sealed record Load(double PerSecond, double P50, double P99, double CpuMicroseconds, double Seen, long Failed)
{
    /// <summary>wrk: HTTP/1.1 requests from a script.</summary>
    public static async Task<Load> WrkAsync(Uri address, string script, int connections, int seconds, IReadOnlyDictionary<string, string> settings)
    {
        var (before, machine) = (CpuTime.Ours(), CpuTime.Machine());
        var output = await RunAsync(
            "wrk", ["-t2", $"-c{connections}", $"-d{seconds}s", "--latency", "-s", script, address.ToString()], settings);
        var (cpu, all) = (CpuTime.Ours() - before, CpuTime.Machine() - machine);

        var requests = Number(output, @"([\d.]+) requests in");
        return new(
            Number(output, @"Requests/sec:\s+([\d.]+)"), Latency(output, 50), Latency(output, 99),
            cpu / requests * 1e6, cpu / all, (long)Number(output, @"Non-2xx or 3xx responses: (\d+)"));
    }

    /// <summary>pgbench: an SQL script by the protocol <c>prepared</c> or <c>simple</c>, pgbench's default.</summary>
    public static async Task<Load> PgbenchAsync(
        string program, string script, string protocol, int clients, int seconds, IReadOnlyDictionary<string, string> connection)
    {
        var (before, machine) = (CpuTime.Ours(), CpuTime.Machine());
        var output = await RunAsync(
            program, ["-n", "-M", protocol, "-c", $"{clients}", "-j", "2", "-T", $"{seconds}", "-f", script], connection);
        var (cpu, all) = (CpuTime.Ours() - before, CpuTime.Machine() - machine);

        var transactions = Number(output, @"transactions actually processed: (\d+)");
        return new(Number(output, @"tps = ([\d.]+)"), Number(output, @"latency average = ([\d.]+) ms"), 0, cpu / transactions * 1e6, cpu / all, 0);
    }

    /// <summary>The median of several rounds, figure by figure.</summary>
    public static Load Median(IReadOnlyList<Load> rounds) => new(
        Middle(rounds, load => load.PerSecond), Middle(rounds, load => load.P50), Middle(rounds, load => load.P99),
        Middle(rounds, load => load.CpuMicroseconds), Middle(rounds, load => load.Seen), rounds.Sum(load => load.Failed));

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

    private static double Number(string output, string pattern) => Number(Regex.Match(output, pattern));

    private static double Number(Match match) => match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static double Latency(string output, int percent)
    {
        var match = Regex.Match(output, $@"^\s+{percent}%\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline);
        return Number(match) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
    }
}
