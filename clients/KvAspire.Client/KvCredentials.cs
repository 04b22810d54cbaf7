namespace KvAspire.Client;

/// <summary>The credentials of a client.</summary>
public sealed class KvCredentials
{
    private KvCredentials()
    {
    }

    /// <summary>No credentials, for registration.</summary>
    public static KvCredentials None { get; } = new();

    internal string? Username { get; private init; }
    internal string? Secret { get; private init; }
    internal string? ClientId { get; private init; }
    internal string? Scope { get; private init; }
    internal string? Refresh { get; private init; }
    internal string? Fixed { get; private init; }
    internal bool CanRenew => Fixed is null && this != None;

    /// <summary>A user's password. The client renews the session, and signs in again where the session has ended.</summary>
    public static KvCredentials Password(string username, string password) => new() { Username = username, Secret = password };

    /// <summary>The refresh token of a user who is signed in.</summary>
    public static KvCredentials RefreshToken(string refreshToken) => new() { Refresh = refreshToken };

    /// <summary>The client credentials of RFC 6749, section 4.4.</summary>
    /// <param name="clientId">The client's id.</param>
    /// <param name="clientSecret">The client's secret.</param>
    /// <param name="scope">The scopes, separated by spaces; null for all scopes of the client.</param>
    public static KvCredentials Client(string clientId, string clientSecret, string? scope = null) =>
        new() { ClientId = clientId, Secret = clientSecret, Scope = scope };

    /// <summary>An API key, <c>kva_…</c>.</summary>
    public static KvCredentials ApiKey(string key) => new() { Fixed = key };

    /// <summary>An access token, which the client does not renew.</summary>
    public static KvCredentials AccessToken(string token) => new() { Fixed = token };
}
