using System.Security.Claims;
using System.Text.Json;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>What a checked access token says. One object serves every request that brings the token: it never changes.</summary>
public sealed class AccessTokenIdentity : ClaimsIdentity
{
    /// <summary>The <c>client_id</c> of tokens that an API key was exchanged for.</summary>
    public const string ApiKeyClient = "api-key";

    /// <summary>The claim that limits a token to entries whose keys begin with it.</summary>
    public const string KeyPrefixClaim = "kv_prefix";

    private readonly string[] scopes;

    private AccessTokenIdentity(IEnumerable<Claim> claims, string[] scopes)
        : base(claims, "Bearer", "sub", "role") => this.scopes = scopes;

    /// <summary>Whose token it is: the id of a user or of a client (<c>sub</c>).</summary>
    public required string Subject { get; init; }

    /// <summary>The token's own id (<c>jti</c>).</summary>
    public required string TokenId { get; init; }

    /// <summary>The client that it was issued to (<c>client_id</c>).</summary>
    public required string ClientId { get; init; }

    /// <summary>The session or API key that it belongs to (<c>sid</c>), if any.</summary>
    public string? SessionId { get; init; }

    /// <summary>What the keys of entries must begin with; null where it reaches all.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>In Unix seconds (<c>iat</c>).</summary>
    public required long IssuedAt { get; init; }

    /// <summary>In Unix seconds (<c>exp</c>).</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Whether a person holds it, who signed in with a password.</summary>
    public bool IsOfSession => SessionId is not null && ClientId is not ApiKeyClient;

    /// <summary>Whether it grants a scope.</summary>
    public bool Grants(string scope) => scopes.AsSpan().Contains(scope);

    /// <summary>Whether it reaches an entry with this key.</summary>
    public bool Reaches(string key) => KeyPrefix is null || key.StartsWith(KeyPrefix, StringComparison.Ordinal);

    /// <summary>Reads the claims of RFC 9068, section 2.2. Null where one is missing, or is of another type than it must be.</summary>
    internal static AccessTokenIdentity? From(JsonElement payload)
    {
        if (Text(payload, "sub") is not { Length: > 0 } subject
            || Text(payload, "jti") is not { Length: > 0 } tokenId
            || Text(payload, "client_id") is not { Length: > 0 } clientId
            || Text(payload, "scope") is not { } scope
            || Seconds(payload, "iat") is not { } issuedAt
            || Seconds(payload, "exp") is not { } expiresAt
            || !IsTextOrAbsent(payload, "sid") || !IsTextOrAbsent(payload, KeyPrefixClaim))
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
        };
    }

    private static string? Text(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool IsTextOrAbsent(JsonElement payload, string name) =>
        !payload.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.String;

    private static long? Seconds(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var seconds)
            ? seconds
            : null;
}

/// <summary>The token of a request.</summary>
public static class AccessTokenPrincipal
{
    extension(ClaimsPrincipal user)
    {
        /// <summary>What the request's access token says. Only where the endpoint asks for a token.</summary>
        public AccessTokenIdentity Token =>
            user.Identity as AccessTokenIdentity ?? throw new InvalidOperationException("The endpoint asks for no token.");
    }
}
