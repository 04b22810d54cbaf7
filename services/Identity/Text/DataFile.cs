namespace KvAspire.Identity.Text;

/// <summary>Lists that are part of the service, embedded in its assembly: a line for each entry, <c>#</c> begins a comment.</summary>
internal static class DataFile
{
    /// <summary>The entries of the file.</summary>
    public static IEnumerable<string> ReadLines(string name)
    {
        using var stream = typeof(DataFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its data file {name}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line;
        }
    }
}
