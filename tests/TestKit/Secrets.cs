using System.Buffers;
using System.Text.RegularExpressions;

namespace KvAspire.TestKit;

/// <summary>What must never be in a log or a trace, by its looks.</summary>
public static partial class Secrets
{
    // Of an RS256 signature by a key of 2048 bits, in base64url.
    private const int Signature = 342;

    // Without one of these no text looks like a secret: to see that takes a hundredth of the time.
    private static readonly SearchValues<string> Signs =
        SearchValues.Create(["eyJ", "kva_", "PRIVATE KEY", "AQAAAA", "\"d\"", "\"d\\\""], StringComparison.Ordinal);

    /// <summary>
    /// Whatever in a text looks like an access token (or like its signature), an API key, a private key, or the hash of a
    /// password.
    /// </summary>
    public static IEnumerable<string> In(string text)
    {
        IEnumerable<string> found = [];
        if (text.AsSpan().ContainsAny(Signs))
            found = Looks().Matches(text).Select(match => match.Value);
        return text.Length < Signature ? found : found.Concat(Signatures().Matches(text).Select(match => match.Value));
    }

    /// <summary>Likewise, and those of these words that are in the text: all of them are looked for at once.</summary>
    public static Func<string, IEnumerable<string>> OrAnyOf(IReadOnlyCollection<string> words)
    {
        var known = SearchValues.Create([.. words], StringComparison.Ordinal);
        return text => text.AsSpan().ContainsAny(known) ? In(text).Concat(words.Where(text.Contains)) : In(text);
    }

    [GeneratedRegex(
        """
        eyJ[\w-]{10,}\.eyJ[\w-]{10,}|kva_[\w-]{20,}|-----BEGIN[A-Z ]* PRIVATE KEY|\\?"d\\?"\s*:\s*\\?"[\w-]{20,}|AQAAAA[A-Za-z0-9+/]{60,}
        """)]
    private static partial Regex Looks();

    [GeneratedRegex("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{342}(?![A-Za-z0-9_-])")] // exactly: a longer one is somebody's key
    private static partial Regex Signatures();
}
