namespace KvAspire.Client;

/// <summary>What a client proves itself with.</summary>
public sealed class KvCredentials
{
    private KvCredentials()
    {
    }

    /// <summary>Nothing: enough to register.</summary>
    public static KvCredentials None { get; } = new();

    internal string? Username { get; private init; }

    internal string? Secret { get; private init; }

    internal string? ClientId { get; private init; }

    internal string? Scope { get; private init; }

    internal string? Refresh { get; private init; }

    internal string? Fixed { get; private init; }

    internal bool CanRenew => Fixed is null && this != None;

    /// <summary>A user who signs in. The session goes on by itself, and begins anew where it ended.</summary>
    public static KvCredentials Password(string username, string password) => new() { Username = username, Secret = password };

    /// <summary>A user who has signed in already.</summary>
    public static KvCredentials RefreshToken(string refreshToken) => new() { Refresh = refreshToken };

    /// <summary>A client that acts for itself (RFC 6749, section 4.4).</summary>
    /// <param name="clientId">Its id.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="scope">What to ask for, separated by spaces; null for all that it may have.</param>
    public static KvCredentials Client(string clientId, string clientSecret, string? scope = null) =>
        new() { ClientId = clientId, Secret = clientSecret, Scope = scope };

    /// <summary>An API key, <c>kva_…</c>.</summary>
    public static KvCredentials ApiKey(string key) => new() { Fixed = key };

    /// <summary>An access token that somebody else got, and renews.</summary>
    public static KvCredentials AccessToken(string token) => new() { Fixed = token };
}
