using Duende.IdentityModel;
using KvAspire.Identity.SigningKeys;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>The content of an access token.</summary>
/// <param name="Subject">The id of the user or client that the token is for.</param>
/// <param name="ClientId">The client that it is issued to.</param>
/// <param name="Scope">The granted scopes, separated by spaces.</param>
/// <param name="SessionId">The session or API key that the token ends with, if any.</param>
/// <param name="KeyPrefix">The prefix that the keys of entries must have; null for all entries.</param>
/// <param name="AuthTime">The time of the sign-in with a password; only for sessions of users.</param>
internal sealed record TokenContent(
    string Subject, string ClientId, string Scope, string? SessionId = null, string? KeyPrefix = null, DateTimeOffset? AuthTime = null);

/// <summary>Issues access tokens (RFC 9068).</summary>
internal sealed class TokenIssuer(
    SigningKeyRing keys, IOptions<AccessTokenOptions> tokens, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>The public client: requests at <c>/api/token</c>, and those without a registered client.</summary>
    public const string FirstPartyClient = AccessTokenIdentity.FirstPartyClient;

    private const string ServiceClient = "identity";

    private static readonly TimeSpan ServiceTokenLifetime = TimeSpan.FromMinutes(5);

    // Adds no claims beyond those of RFC 9068, and no times of another clock.
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Issues an access token. A <paramref name="lifetime"/> may only shorten the usual one.</summary>
    public IssuedToken Issue(TokenContent content, string? refreshToken = null, TimeSpan? lifetime = null)
    {
        var usual = options.Value.Lifetime;
        if (GrantedScopes.Parse(content.Scope).Contains(Scopes.Admin))
            usual = Shorter(usual, options.Value.AdminLifetime);
        var valid = Shorter(usual, lifetime ?? usual);
        return new(
            Sign(content, valid), (int)valid.TotalSeconds, OidcConstants.TokenResponse.BearerTokenType, refreshToken, content.Scope);
    }

    /// <summary>A token with which this service calls another service.</summary>
    public string IssueForServices() => Sign(new(ServiceClient, ServiceClient, Scopes.Internal), ServiceTokenLifetime);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private string Sign(TokenContent content, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            [JwtClaimTypes.Subject] = content.Subject,
            [JwtClaimTypes.ClientId] = content.ClientId,
            [JwtClaimTypes.JwtId] = Guid.NewGuid().ToString("N"),
            [JwtClaimTypes.Scope] = content.Scope,
        };
        if (content.SessionId is { } session)
            claims[JwtClaimTypes.SessionId] = session;
        if (content.KeyPrefix is { } prefix)
            claims[AccessTokenIdentity.KeyPrefixClaim] = prefix;
        if (content.AuthTime is { } signedIn)
            claims[JwtClaimTypes.AuthenticationTime] = signedIn.ToUnixTimeSeconds();

        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = JwtClaimTypes.JwtTypes.AccessToken,
            SigningCredentials = keys.Credentials,
            Issuer = tokens.Value.Issuer,
            Audience = tokens.Value.Audience,
            IssuedAt = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            Claims = claims,
        });
    }
}
