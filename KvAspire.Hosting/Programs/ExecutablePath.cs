using System.Globalization;

namespace KvAspire.Hosting.Programs;

/// <summary>Finds programs: on the PATH, in the usual folders, and where Debian keeps Postgres.</summary>
internal static class ExecutablePath
{
    private const string DebianPostgres = "/usr/lib/postgresql";

    /// <returns>The full path, or null where the program is not installed.</returns>
    public static string? Find(string name) => Folders().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders() =>
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        "/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin",
        .. Directory.Exists(DebianPostgres) ? Directory.GetDirectories(DebianPostgres).OrderByDescending(Version).Select(version => Path.Combine(version, "bin")) : [],
    ];

    private static double Version(string folder) =>
        double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0;
}
