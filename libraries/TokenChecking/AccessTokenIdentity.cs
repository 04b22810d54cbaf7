using System.Security.Claims;
using System.Text.Json;

namespace KvAspire.TokenChecking;

/// <summary>The claims of a checked access token. Immutable: all requests with the token share one object.</summary>
public sealed class AccessTokenIdentity : ClaimsIdentity
{
    /// <summary>The <c>client_id</c> of tokens that were issued for an API key.</summary>
    public const string ApiKeyClient = "api-key";

    /// <summary>The <c>client_id</c> of our own front door.</summary>
    public const string FirstPartyClient = "kvaspire";

    /// <summary>The claim that limits a token to entries whose keys have this prefix.</summary>
    public const string KeyPrefixClaim = "kv_prefix";

    private const string AuthTimeClaim = "auth_time";

    private readonly string[] scopes;

    private AccessTokenIdentity(IEnumerable<Claim> claims, string[] scopes)
        : base(claims, "Bearer", "sub", "role") => this.scopes = scopes;

    /// <summary>The id of the user or client that the token is for (<c>sub</c>).</summary>
    public required string Subject { get; init; }

    /// <summary>The token's id (<c>jti</c>).</summary>
    public required string TokenId { get; init; }

    /// <summary>The client that the token was issued to (<c>client_id</c>).</summary>
    public required string ClientId { get; init; }

    /// <summary>The token's session or API key (<c>sid</c>), if any.</summary>
    public string? SessionId { get; init; }

    /// <summary>The prefix of the keys that the token reaches; null for all keys.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>In Unix seconds (<c>iat</c>).</summary>
    public required long IssuedAt { get; init; }

    /// <summary>In Unix seconds (<c>exp</c>).</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>The time of the sign-in with a password, in Unix seconds (<c>auth_time</c>); only in tokens of sessions.</summary>
    public long? AuthTime { get; init; }

    /// <summary>Whether the token belongs to a session of a person.</summary>
    public bool IsOfSession => SessionId is not null && ClientId is not ApiKeyClient;

    /// <summary>Whether the token may act on the account of its user.</summary>
    public bool ReachesAccount => IsOfSession && (Grants(Scopes.Account) || IsOfReleaseBefore);

    // The release before knew neither kv:account nor auth_time. Its tokens for our own client act on the account, until they
    // expire, unless they were granted less than all entries.
    private bool IsOfReleaseBefore => AuthTime is null && ClientId is FirstPartyClient && Scopes.OfEntries.All(Grants);

    /// <summary>Whether the token grants a scope.</summary>
    public bool Grants(string scope) => scopes.AsSpan().Contains(scope);

    /// <summary>Whether the token reaches the entry with this key.</summary>
    public bool Reaches(string key) => KeyPrefix is null || key.StartsWith(KeyPrefix, StringComparison.Ordinal);

    /// <summary>Reads the claims of RFC 9068, section 2.2. Null where one is missing or of the wrong type.</summary>
    internal static AccessTokenIdentity? From(JsonElement payload)
    {
        if (Text(payload, "sub") is not { Length: > 0 } subject
            || Text(payload, "jti") is not { Length: > 0 } tokenId
            || Text(payload, "client_id") is not { Length: > 0 } clientId
            || Text(payload, "scope") is not { } scope
            || Seconds(payload, "iat") is not { } issuedAt
            || Seconds(payload, "exp") is not { } expiresAt
            || !IsTextOrAbsent(payload, "sid") || !IsTextOrAbsent(payload, KeyPrefixClaim)
            || (payload.TryGetProperty(AuthTimeClaim, out _) && Seconds(payload, AuthTimeClaim) is null))
        {
            return null;
        }

        List<Claim> claims = [];
        foreach (var name in new[] { "sub", "jti", "client_id", "scope", "sid", KeyPrefixClaim })
        {
            if (Text(payload, name) is { } value)
                claims.Add(new(name, value));
        }

        return new(claims, scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Subject = subject,
            TokenId = tokenId,
            ClientId = clientId,
            SessionId = Text(payload, "sid"),
            KeyPrefix = Text(payload, KeyPrefixClaim),
            IssuedAt = issuedAt,
            ExpiresAt = expiresAt,
            AuthTime = Seconds(payload, AuthTimeClaim),
        };
    }

    private static string? Text(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool IsTextOrAbsent(JsonElement payload, string name) =>
        !payload.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.String;

    /// <summary>A claim in Unix seconds; null where it is missing or of the wrong type.</summary>
    internal static long? Seconds(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var seconds)
            ? seconds
            : null;
}

/// <summary>Access to the token of a request.</summary>
public static class AccessTokenPrincipal
{
    extension(ClaimsPrincipal user)
    {
        /// <summary>The access token of the request. Only at endpoints that require a token.</summary>
        public AccessTokenIdentity Token =>
            user.Identity as AccessTokenIdentity ?? throw new InvalidOperationException("The endpoint requires no token.");
    }
}
