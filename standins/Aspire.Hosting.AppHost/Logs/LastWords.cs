namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a process that failed said about it, as far as that can be guessed.</summary>
internal static class LastWords
{
    private const string Unhandled = "Unhandled exception. ";

    public static string Of(ResourceLog log)
    {
        var lines = log.Kept.Select(line => line.Content).Where(IsSpeech).ToArray();
        var words = lines.LastOrDefault(line => line.StartsWith(Unhandled, StringComparison.Ordinal))?[Unhandled.Length..]
            ?? lines.LastOrDefault();
        return words is null ? "it wrote nothing" : $"it wrote: {words.Trim().TrimEnd('.')}";
    }

    // Not the lines of a stack trace.
    private static bool IsSpeech(string line) =>
        !string.IsNullOrWhiteSpace(line) && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal);
}
