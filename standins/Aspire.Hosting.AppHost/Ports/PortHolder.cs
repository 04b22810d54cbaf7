using System.Globalization;

namespace Aspire.Hosting.Ports;

/// <summary>Who listens on a port, as far as this account may see it.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    public static string? Find(int port)
    {
        try
        {
            var sockets = Sockets("/proc/net/tcp", port).Concat(Sockets("/proc/net/tcp6", port)).ToHashSet();
            return sockets.Count == 0 ? null : Directory.GetDirectories("/proc")
                .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]) && Holds(path, sockets))
                .Select(path => $"{File.ReadAllText($"{path}/comm").Trim()} (process {Path.GetFileName(path)})")
                .FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Fields: number, local address:port, remote, state, queues, timer, retransmits, user, timeout, inode.
    private static IEnumerable<string> Sockets(string table, int port) => !File.Exists(table) ? [] : File.ReadLines(table)
        .Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(f => f[3] == Listening && int.Parse(f[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
        .Select(f => $"socket:[{f[9]}]");

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.GetFiles($"{process}/fd").Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Not ours to look into, or gone meanwhile.
        }
    }
}
