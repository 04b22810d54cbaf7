using System.Globalization;

namespace KvAspire.Hosting.Tests;

/// <summary>What runs on this machine, out of /proc.</summary>
internal static class Processes
{
    /// <summary>The process and everything below it that is alive.</summary>
    public static IReadOnlyList<int> Family(int id)
    {
        var children = All().Where(p => p.Parent == id).Select(p => p.Id);
        return [id, .. children.SelectMany(Family)];
    }

    /// <summary>Whether it is there; one that has ended and only waits for its parent to notice is not.</summary>
    public static bool IsAlive(int id) => Read(id) is { State: not 'Z' };

    public static string Arguments(int id) => File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');

    private static IEnumerable<(int Id, int Parent, char State)> All() => Directory.GetDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
        .OfType<(int, int, char)>();

    // "id (name) state parent …", where the name may hold anything.
    private static (int Id, int Parent, char State)? Read(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0][0]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
