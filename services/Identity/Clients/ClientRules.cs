using System.Text.RegularExpressions;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Clients;

/// <summary>What a client may be called and granted.</summary>
internal static partial class ClientRules
{
    // Names that tokens carry for what is no registered client.
    private static readonly string[] Reserved = [TokenIssuer.FirstPartyClient, AccessTokenIdentity.ApiKeyClient, "identity", "operator"];

    /// <summary>
    /// Whether it is the id of a client. It is the <c>sub</c> of the client's own tokens, beside the ids of users, which are
    /// UUIDs: so it never is one.
    /// </summary>
    public static bool IsId(string? id) => id is not null && Id().IsMatch(id) && !Guid.TryParse(id, out _) && !Reserved.Contains(id);

    /// <summary>Whether a client can be granted these: never <c>kv:internal</c>.</summary>
    public static bool AreScopes(string? scope) =>
        scope is not null && GrantedScopes.Parse(scope) is { Length: > 0 } scopes && scopes.All(Scopes.Public.Contains);

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{2,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
