using System.Text.RegularExpressions;

namespace KvAspire.TestKit;

/// <summary>What must never be in a log or a trace, by its looks.</summary>
public static partial class Secrets
{
    /// <summary>Whatever in a text looks like an access token, an API key, a private key, or the hash of a password.</summary>
    public static IEnumerable<string> In(string text) => Looks().Matches(text).Select(match => match.Value);

    [GeneratedRegex(
        """
        eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}|kva_[a-z0-9]{8}_[\w-]{20,}|-----BEGIN[A-Z ]* PRIVATE KEY|\\?"d\\?"\s*:\s*\\?"[\w-]{20,}|AQAAAA[A-Za-z0-9+/]{60,}
        """)]
    private static partial Regex Looks();
}
