namespace KvAspire.Data.Database;

/// <summary>Reads the <c>.sql</c> files of this project, which are embedded under their paths.</summary>
internal static class SqlFile
{
    /// <summary>Reads what Postgres is sent: the file without the comment at its top.</summary>
    /// <param name="path">The path in the project, with slashes.</param>
    public static string Read(string path)
    {
        using var stream = typeof(SqlFile).Assembly.GetManifestResourceStream(path)
            ?? throw new ArgumentException($"There is no {path}.", nameof(path));
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.SkipWhile(line => line.StartsWith("--", StringComparison.Ordinal))).TrimEnd();
    }
}
