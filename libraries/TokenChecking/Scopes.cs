namespace KvAspire.TokenChecking;

/// <summary>The scopes of tokens (RFC 6749, section 3.3). Each is also the name of the policy that requires it.</summary>
public static class Scopes
{
    /// <summary>Read entries.</summary>
    public const string Read = "kv:read";

    /// <summary>Write entries.</summary>
    public const string Write = "kv:write";

    /// <summary>
    /// Change the account, its sessions and its API keys. Only sessions of users have this scope: never an API key, and never a
    /// client that acts for itself.
    /// </summary>
    public const string Account = "kv:account";

    /// <summary>Administer users, clients and keys.</summary>
    public const string Admin = "kv:admin";

    /// <summary>
    /// Change the password, and nothing else: the scope of a user who must do that first. No client can ask for it, and a token that
    /// grants it grants no other scope.
    /// </summary>
    public const string PasswordChange = "kv:password";

    /// <summary>Calls between services. Identity issues such tokens to itself only.</summary>
    public const string Internal = "kv:internal";

    /// <summary>The policy for signed-in persons: the token must belong to a session, with any scope but <see cref="PasswordChange"/>.</summary>
    public const string SessionPolicy = "session";

    /// <summary>The policy for the change of the password: <see cref="Account"/> or <see cref="PasswordChange"/>.</summary>
    public const string PasswordPolicy = "password";

    /// <summary>
    /// The policy for endpoints that need <see cref="Read"/> or <see cref="Write"/>, depending on the request. Its challenge
    /// names no scope, since a challenge cannot say "or" (RFC 6750, section 3).
    /// </summary>
    public const string ReadOrWrite = "kv:read or kv:write";

    /// <summary>The scopes for entries, which every client can get.</summary>
    public static IReadOnlyList<string> OfEntries { get; } = [Read, Write];

    /// <summary>The scopes that users and clients can get.</summary>
    public static IReadOnlyList<string> Public { get; } = [Read, Write, Account, Admin];

    /// <summary>All scopes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Public, Internal];

    /// <summary>The scope that a challenge names for a policy; null where it names none.</summary>
    public static string? Named(string? policy) =>
        policy is PasswordPolicy ? Account : policy is not null && All.Contains(policy) ? policy : null;

    // What a token must grant for each policy.
    internal static IReadOnlyDictionary<string, Func<AccessTokenIdentity, bool>> Policies { get; } =
        new Dictionary<string, Func<AccessTokenIdentity, bool>>(
            All.Select(scope => KeyValuePair.Create<string, Func<AccessTokenIdentity, bool>>(scope, token => token.Grants(scope))))
        {
            [ReadOrWrite] = token => token.Grants(Read) || token.Grants(Write),
            [Account] = token => token.ReachesAccount,
            [SessionPolicy] = token => token.IsOfSession && !token.Grants(PasswordChange),
            [PasswordPolicy] = token => token.ReachesAccount || (token.IsOfSession && token.Grants(PasswordChange)),
        };
}
