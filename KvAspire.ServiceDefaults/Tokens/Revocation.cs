namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>Access tokens that have ended before their time, as <c>GET /internal/revocations</c> tells of them.</summary>
/// <param name="Kind">Which claim names them: one of <see cref="RevocationKinds"/>.</param>
/// <param name="Value">What the claim says.</param>
/// <param name="Before">Of a subject: tokens issued before this moment (Unix seconds) have ended. 0 for the others.</param>
/// <param name="Until">The moment (Unix seconds) at which the last such token has expired by itself.</param>
public sealed record Revocation(string Kind, string Value, long Before, long Until);

/// <summary>The claims by which access tokens are revoked.</summary>
public static class RevocationKinds
{
    /// <summary>One token (<c>jti</c>).</summary>
    public const string Token = "jti";

    /// <summary>All tokens of a session or of an API key (<c>sid</c>).</summary>
    public const string Session = "sid";

    /// <summary>All tokens of a user or a client that were issued before a moment (<c>sub</c>).</summary>
    public const string Subject = "sub";
}

/// <summary>What <c>GET /internal/revocations</c> answers.</summary>
/// <param name="Cursor">Where to go on: the <c>after</c> of the next request.</param>
/// <param name="Keys">The version of the published signing keys: once it changes they are to be fetched again.</param>
/// <param name="Revocations">What was revoked since. Some may come twice.</param>
/// <param name="More">Whether there is more at once.</param>
public sealed record RevocationPage(string Cursor, string Keys, IReadOnlyList<Revocation> Revocations, bool More = false);
