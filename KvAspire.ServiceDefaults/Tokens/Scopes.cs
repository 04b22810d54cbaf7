namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>The scopes (RFC 6749, section 3.3) that a token can grant. Each is also the name of the policy that asks for it.</summary>
public static class Scopes
{
    /// <summary>Reads entries.</summary>
    public const string Read = "kv:read";

    /// <summary>Writes entries.</summary>
    public const string Write = "kv:write";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write];
}
