using System.Globalization;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Postgres;

/// <summary>Where the server's programs are: the newest of Debian's folders, else the PATH.</summary>
internal static class PostgresPrograms
{
    private const string Debian = "/usr/lib/postgresql";

    public static string Require(string program) => Programs.Find(program, Folders())
        ?? throw new DistributedApplicationException(
            $"Postgres is not installed (no '{program}' under {Debian} or on the PATH): install the package 'postgresql'.");

    private static IEnumerable<string> Folders()
    {
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        return versions
            .OrderByDescending(path => double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var v) ? v : 0)
            .Select(path => Path.Combine(path, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'));
    }
}
