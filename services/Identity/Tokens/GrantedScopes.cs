using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tokens;

/// <summary>Computes the scopes that a token grants (RFC 6749, section 3.3).</summary>
internal static class GrantedScopes
{
    /// <summary>The scopes that a user may grant.</summary>
    public static IReadOnlyList<string> Of(User user) =>
        user.Role == UserRoles.Admin ? [Scopes.Read, Scopes.Write, Scopes.Admin] : [Scopes.Read, Scopes.Write];

    public static string[] Parse(string scope) => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The scopes of all lists, in the order of the first.</summary>
    public static IReadOnlyList<string> Common(IReadOnlyList<string> first, params IEnumerable<IReadOnlyList<string>> others) =>
        [.. first.Where(scope => others.All(other => other.Contains(scope)))];

    /// <summary>The requested scopes, or all allowed scopes where none are requested; null where one is not allowed.</summary>
    public static string? Narrow(string? requested, IReadOnlyList<string> allowed)
    {
        if (string.IsNullOrWhiteSpace(requested))
            return string.Join(' ', allowed);

        var scopes = Parse(requested);
        return scopes.All(allowed.Contains) ? string.Join(' ', allowed.Where(scopes.Contains)) : null;
    }
}
