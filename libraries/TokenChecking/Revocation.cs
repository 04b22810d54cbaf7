namespace KvAspire.TokenChecking;

/// <summary>Revoked access tokens, an item of <c>GET /internal/revocations</c>.</summary>
/// <param name="Kind">The claim that identifies the tokens: one of <see cref="RevocationKinds"/>.</param>
/// <param name="Value">The claim's value.</param>
/// <param name="Before">For subjects: tokens issued before this time (Unix seconds) are revoked. 0 for the other kinds.</param>
/// <param name="Until">When the last of the tokens expires (Unix seconds).</param>
public sealed record Revocation(string Kind, string Value, long Before, long Until);

/// <summary>The claims by which access tokens are revoked.</summary>
public static class RevocationKinds
{
    /// <summary>One token (<c>jti</c>).</summary>
    public const string Token = "jti";

    /// <summary>All tokens of a session or of an API key (<c>sid</c>).</summary>
    public const string Session = "sid";

    /// <summary>The tokens of a user or client that were issued before a given time (<c>sub</c>).</summary>
    public const string Subject = "sub";
}

/// <summary>The response of <c>GET /internal/revocations</c>.</summary>
/// <param name="Cursor">The parameter <c>after</c> of the next request.</param>
/// <param name="Keys">The version of the published signing keys; a new version means that they must be fetched again.</param>
/// <param name="Revocations">The revocations since the last request. Some may come twice.</param>
/// <param name="More">Whether there are more now.</param>
public sealed record RevocationPage(string Cursor, string Keys, IReadOnlyList<Revocation> Revocations, bool More = false);
