using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>What may be granted (RFC 6749, section 3.3).</summary>
internal static class GrantedScopes
{
    /// <summary>What a user may do.</summary>
    public static IReadOnlyList<string> Of(User user) =>
        user.Role == UserRoles.Admin ? [Scopes.Read, Scopes.Write, Scopes.Admin] : [Scopes.Read, Scopes.Write];

    /// <summary>The scopes in a list that is separated by spaces.</summary>
    public static string[] Parse(string scope) => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Those that are in all lists, in the order of the first.</summary>
    public static IReadOnlyList<string> Common(IReadOnlyList<string> first, params IEnumerable<IReadOnlyList<string>> others) =>
        [.. first.Where(scope => others.All(other => other.Contains(scope)))];

    /// <summary>What was asked for, if all of it may be granted; everything that may be where nothing was asked for; else null.</summary>
    public static string? Narrow(string? requested, IReadOnlyList<string> allowed)
    {
        if (string.IsNullOrWhiteSpace(requested))
            return string.Join(' ', allowed);

        var scopes = Parse(requested);
        return scopes.All(allowed.Contains) ? string.Join(' ', allowed.Where(scopes.Contains)) : null;
    }
}
