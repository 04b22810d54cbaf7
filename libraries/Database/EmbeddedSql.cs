using System.Reflection;

namespace KvAspire.Database;

/// <summary>Reads the <c>.sql</c> files of a service, which are embedded under their paths in the project.</summary>
public static class EmbeddedSql
{
    /// <summary>Reads what Postgres is sent: the file without the comment at its top.</summary>
    /// <param name="service">The service's assembly.</param>
    /// <param name="path">The path in the project, with slashes.</param>
    public static string Read(Assembly service, string path)
    {
        using var stream = service.GetManifestResourceStream(path)
            ?? throw new ArgumentException($"There is no {path}.", nameof(path));
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.SkipWhile(line => line.StartsWith("--", StringComparison.Ordinal))).TrimEnd();
    }
}
