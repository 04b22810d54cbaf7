namespace KvAspire.Identity.Text;

/// <summary>
/// Counts the characters of a text as clients and the OpenAPI document do: in Unicode code points, not in the code units of UTF-16.
/// </summary>
internal static class CodePoints
{
    /// <summary>Whether a text has at most <paramref name="max"/> code points.</summary>
    public static bool AreAtMost(string text, int max) => text.Length <= max || text.EnumerateRunes().Count() <= max;

    /// <summary>Whether a text is one line of 1 to <paramref name="max"/> code points: without control characters.</summary>
    public static bool AreALine(string? text, int max) =>
        text is { Length: > 0 } && AreAtMost(text, max) && !text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029');
}
