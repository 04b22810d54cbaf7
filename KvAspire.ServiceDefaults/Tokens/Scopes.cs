namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>The scopes (RFC 6749, section 3.3) that a token can grant. Each is also the name of the policy that asks for it.</summary>
public static class Scopes
{
    /// <summary>Reads entries.</summary>
    public const string Read = "kv:read";

    /// <summary>Writes entries.</summary>
    public const string Write = "kv:write";

    /// <summary>Administers users, clients and keys.</summary>
    public const string Admin = "kv:admin";

    /// <summary>Calls from service to service. Identity signs such tokens for itself, and for nobody else.</summary>
    public const string Internal = "kv:internal";

    /// <summary>
    /// The name of the policy for what only a signed-in person may do, whatever the scope: the token must be of a session,
    /// neither of an API key nor of a client acting for itself.
    /// </summary>
    public const string AccountPolicy = "account";

    /// <summary>
    /// The name of the policy for what takes either of <see cref="Read"/> and <see cref="Write"/>: which of them, depends on what
    /// is in the request. A challenge cannot say "or" (RFC 6750, section 3), and names no scope.
    /// </summary>
    public const string ReadOrWrite = "kv:read or kv:write";

    /// <summary>Those that users and clients can be granted.</summary>
    public static IReadOnlyList<string> Public { get; } = [Read, Write, Admin];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Public, Internal];
}
