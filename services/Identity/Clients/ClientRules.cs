using System.Text.RegularExpressions;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Clients;

/// <summary>The rules for the ids, scopes and audiences of clients.</summary>
internal static partial class ClientRules
{
    private const int MaxAudiences = 8;

    // Tokens carry these names for callers that are no registered clients.
    private static readonly string[] Reserved = [TokenIssuer.FirstPartyClient, AccessTokenIdentity.ApiKeyClient, "identity", "operator"];

    private static readonly string[] Grantable = [.. Scopes.OfEntries, Scopes.Admin];

    /// <summary>
    /// Whether a text can be the id of a client. The id is the <c>sub</c> of the client's own tokens, so it is never a UUID, as
    /// the ids of users are.
    /// </summary>
    public static bool IsId(string? id) => id is not null && Id().IsMatch(id) && !Guid.TryParse(id, out _) && !Reserved.Contains(id);

    /// <summary>Whether a client can be granted these scopes: never <c>kv:account</c> or <c>kv:internal</c>.</summary>
    public static bool AreScopes(string? scope) =>
        scope is not null && GrantedScopes.Parse(scope) is { Length: > 0 } scopes && scopes.All(Grantable.Contains);

    /// <summary>
    /// Whether a client can serve these audiences: up to 8, each of 1 to 100 visible characters of ASCII, such as
    /// <see cref="AccessTokenOptions.Audience"/>.
    /// </summary>
    public static bool AreAudiences(IReadOnlyList<string?> audiences) =>
        audiences.Count <= MaxAudiences && audiences.All(audience => audience is not null && Audience().IsMatch(audience));

    [GeneratedRegex(@"^[!-~]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Audience();

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{2,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
