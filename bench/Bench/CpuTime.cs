using System.Globalization;

namespace KvAspire.Bench;

/// <summary>
/// The processor time that all processes below this one have used, from <c>/proc</c>: services, servers, load generators,
/// those that have ended included.
/// </summary>
internal static class CpuTime
{
    // USER_HZ, which Linux fixes at 100 for what it shows in /proc.
    private const double TicksPerSecond = 100;

    /// <summary>In seconds.</summary>
    public static double Descendants()
    {
        var processes = Read().ToDictionary(process => process.Id);
        return processes.Values
            .Where(process => process.Id != Environment.ProcessId && IsBelow(process, processes))
            .Sum(process => process.Own + process.Ended)
            + processes[Environment.ProcessId].Ended;
    }

    /// <summary>In seconds, of all processes of the machine.</summary>
    public static double Machine()
    {
        // proc(5): the first line adds all processors up; the fourth and fifth figure are the time in which nothing ran.
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }

    /// <summary>The resident memory, in bytes, of the descendants whose command line contains one of these.</summary>
    public static long Resident(params string[] programs)
    {
        var processes = Read().ToDictionary(process => process.Id);
        return processes.Values
            .Where(process => IsBelow(process, processes)
                && TryRead($"/proc/{process.Id}/cmdline") is { } line && programs.Any(program => line.Contains(program, StringComparison.Ordinal)))
            .Sum(process => long.Parse(TryRead($"/proc/{process.Id}/statm")?.Split(' ')[1] ?? "0", CultureInfo.InvariantCulture))
            * Environment.SystemPageSize;
    }

    private static bool IsBelow(Usage process, Dictionary<int, Usage> all)
    {
        while (process.Id != Environment.ProcessId)
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

    // A process may end between the listing and the reading.
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

    /// <summary>proc(5): its own time, and that of its children that have ended and were waited for.</summary>
    private readonly record struct Usage(int Id, int Parent, double Own, double Ended)
    {
        public static Usage Parse(string stat)
        {
            // The name in brackets may contain anything; what follows is numbers.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double Seconds(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
            return new(int.Parse(stat[..stat.IndexOf(' ')], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture),
                Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));
        }
    }
}
