using System.Text.RegularExpressions;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Clients;

/// <summary>The rules for the ids and scopes of clients.</summary>
internal static partial class ClientRules
{
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

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{2,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
