using System.Buffers;
using System.Text.RegularExpressions;

namespace KvAspire.TestKit;

/// <summary>Finds secrets in logs and traces by their form.</summary>
public static partial class Secrets
{
    // The length of an RS256 signature with a key of 2048 bits, in base64url.
    private const int Signature = 342;

    // Every secret contains one of these. This check takes a hundredth of the time.
    private static readonly SearchValues<string> Signs =
        SearchValues.Create(["eyJ", "kva_", "PRIVATE KEY", "AQAAAA", "\"d\"", "\"d\\\""], StringComparison.Ordinal);

    /// <summary>
    /// The parts of a text that look like an access token or its signature, an API key, a private key or a password hash.
    /// </summary>
    public static IEnumerable<string> In(string text)
    {
        IEnumerable<string> found = [];
        if (text.AsSpan().ContainsAny(Signs))
            found = Looks().Matches(text).Select(match => match.Value);
        return text.Length < Signature ? found : found.Concat(Signatures().Matches(text).Select(match => match.Value));
    }

    /// <summary>The same, and those of the words that are in the text.</summary>
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

    [GeneratedRegex("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{342}(?![A-Za-z0-9_-])")] // exactly this length: a longer text may be a key
    private static partial Regex Signatures();
}
