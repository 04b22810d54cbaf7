using KvAspire.Identity.Sessions;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tokens;

/// <summary>Computes the scopes that a token grants (RFC 6749, section 3.3).</summary>
internal static class GrantedScopes
{
    /// <summary>
    /// The scopes that a user may grant to a client. Only our own client acts on the account or administers; a registered one
    /// acts on entries, once a password that must be changed is changed.
    /// </summary>
    public static IReadOnlyList<string> Of(User user, string clientId) =>
        clientId != TokenIssuer.FirstPartyClient ? user.MustChangePassword ? [] : Scopes.OfEntries
        : user.Role == UserRoles.Admin ? [.. Scopes.OfEntries, Scopes.Account, Scopes.Admin]
        : [.. Scopes.OfEntries, Scopes.Account];

    /// <summary>The scopes of a session: those that its user granted and may still grant.</summary>
    public static IReadOnlyList<string> Of(Session session, User user)
    {
        IReadOnlyList<string> granted = Parse(session.Scope);

        // The release before did not know kv:account: its sessions act on the account unless they were granted less than all.
        if (session.AuthTime is null && Scopes.OfEntries.All(granted.Contains))
            granted = [.. granted, Scopes.Account];
        return Common(Of(user, session.ClientId), granted);
    }

    /// <summary>The scopes of a token now: less than the session was granted while the user must change the password.</summary>
    public static string Now(User user, string granted) => user.MustChangePassword ? Scopes.PasswordChange : granted;

    public static string[] Parse(string scope) => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The scopes of all lists, in the order of the first.</summary>
    public static IReadOnlyList<string> Common(IReadOnlyList<string> first, params IEnumerable<IReadOnlyList<string>> others) =>
        [.. first.Where(scope => others.All(other => other.Contains(scope)))];

    /// <summary>
    /// The requested scopes, or all allowed scopes where none are requested, or those of <paramref name="byDefault"/>; null where
    /// one is not allowed, or none is left.
    /// </summary>
    public static string? Narrow(string? requested, IReadOnlyList<string> allowed, IReadOnlyList<string>? byDefault = null)
    {
        IReadOnlyList<string> scopes = !string.IsNullOrWhiteSpace(requested) ? Parse(requested) : Common(allowed, byDefault ?? allowed);
        return scopes.Count > 0 && scopes.All(allowed.Contains) ? string.Join(' ', allowed.Where(scopes.Contains)) : null;
    }
}
