using System.Globalization;

namespace KvAspire.Bench;

/// <summary>
/// The CPU time, from <c>/proc</c>, of all processes that this process started: its descendants and those of the orchestrator,
/// which detaches itself and has this process's id in its arguments. Ended processes are included.
/// </summary>
internal static class CpuTime
{
    // USER_HZ, which is always 100 in Linux's /proc.
    private const double TicksPerSecond = 100;

    /// <summary>Of all descendants, in seconds.</summary>
    public static double Ours()
    {
        var processes = Read().ToDictionary(process => process.Id);
        var roots = Roots(processes);
        return processes.Values
            .Where(process => process.Id != Environment.ProcessId && IsBelow(process, roots, processes))
            .Sum(process => process.Own + process.Ended)
            + processes[Environment.ProcessId].Ended;
    }

    /// <summary>Of the whole machine, in seconds.</summary>
    public static double Machine()
    {
        // proc(5): the first line is the sum of all processors; its fourth and fifth figures are idle time.
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }

    /// <summary>The resident memory, in bytes, of the descendants whose command line contains one of the names.</summary>
    public static long Resident(params string[] programs)
    {
        var processes = Read().ToDictionary(process => process.Id);
        return Resident(processes, Roots(processes), programs);
    }

    /// <summary>The resident memory, in bytes, of the descendants of a process whose command line contains the name.</summary>
    public static long ResidentBelow(int root, string program) => Resident(Read().ToDictionary(process => process.Id), [root], program);

    private static long Resident(Dictionary<int, Usage> processes, HashSet<int> roots, params string[] programs) =>
        processes.Values
            .Where(process => IsBelow(process, roots, processes)
                && TryRead($"/proc/{process.Id}/cmdline") is { } line && programs.Any(program => line.Contains(program, StringComparison.Ordinal)))
            .Sum(process => long.Parse(TryRead($"/proc/{process.Id}/statm")?.Split(' ')[1] ?? "0", CultureInfo.InvariantCulture))
            * Environment.SystemPageSize;

    private static HashSet<int> Roots(Dictionary<int, Usage> processes)
    {
        var argument = string.Create(CultureInfo.InvariantCulture, $"\0--monitor\0{Environment.ProcessId}\0");
        return [Environment.ProcessId, .. processes.Keys.Where(process => TryRead($"/proc/{process}/cmdline")?.Contains(argument, StringComparison.Ordinal) is true)];
    }

    private static bool IsBelow(Usage process, HashSet<int> roots, Dictionary<int, Usage> all)
    {
        while (!roots.Contains(process.Id))
        {
            if (!all.TryGetValue(process.Parent, out var parent))
                return false;
            process = parent;
        }

        return true;
    }

    private static IEnumerable<Usage> Read() => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(folder => TryRead(Path.Combine(folder, "stat")))
        .OfType<string>()
        .Select(Usage.Parse);

    // The process may have ended.
    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>proc(5): the time of the process, and of its ended children that were waited for.</summary>
    private readonly record struct Usage(int Id, int Parent, double Own, double Ended)
    {
        public static Usage Parse(string stat)
        {
            // The name in brackets may contain anything; only numbers follow.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double Seconds(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
            return new(int.Parse(stat[..stat.IndexOf(' ')], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture),
                Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));
        }
    }
}
