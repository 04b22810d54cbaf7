namespace Aspire.Hosting.Processes;

internal static class Programs
{
    /// <summary>The program of that name on the PATH.</summary>
    public static string? Find(string name) => Find(name, (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'));

    /// <summary>The program of that name in one of the folders, or where system programs usually are.</summary>
    public static string? Find(string name, IEnumerable<string> folders) =>
        folders.Concat(["/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin"])
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    public static string Require(string name, string package) => Find(name)
        ?? throw new DistributedApplicationException($"The program '{name}' is missing: install the package '{package}'.");
}
