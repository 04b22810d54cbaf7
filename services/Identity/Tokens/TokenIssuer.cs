using Duende.IdentityModel;
using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>What an access token is to say.</summary>
/// <param name="Subject">Whose it is: the id of a user or a client.</param>
/// <param name="ClientId">The client that it is issued to.</param>
/// <param name="Scope">What it grants, separated by spaces.</param>
/// <param name="SessionId">The session or API key with which it ends, if any.</param>
/// <param name="KeyPrefix">What the keys of entries must begin with, if it does not reach all.</param>
internal sealed record TokenContent(string Subject, string ClientId, string Scope, string? SessionId = null, string? KeyPrefix = null);

/// <summary>Issues access tokens (RFC 9068).</summary>
internal sealed class TokenIssuer(
    SigningKeyRing keys, IOptions<AccessTokenOptions> tokens, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>Who asks at <c>/api/token</c> is a user of our own front door, not of a registered client.</summary>
    public const string FirstPartyClient = "kvaspire";

    // Identity itself, when it calls another service.
    private const string ServiceClient = "identity";

    private static readonly TimeSpan ServiceTokenLifetime = TimeSpan.FromMinutes(5);

    // Only what RFC 9068 lists goes in, and with our clock.
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>An access token.</summary>
    /// <param name="content">What it says.</param>
    /// <param name="refreshToken">What goes with it.</param>
    /// <param name="lifetime">How long it is valid; by default as long as all are, and never longer.</param>
    public IssuedToken Issue(TokenContent content, string? refreshToken = null, TimeSpan? lifetime = null)
    {
        var valid = lifetime is { } shorter && shorter < options.Value.Lifetime ? shorter : options.Value.Lifetime;
        return new(
            Sign(content, valid), (int)valid.TotalSeconds, OidcConstants.TokenResponse.BearerTokenType, refreshToken, content.Scope);
    }

    /// <summary>A token with which this service calls another one.</summary>
    public string IssueForServices() => Sign(new(ServiceClient, ServiceClient, Scopes.Internal), ServiceTokenLifetime);

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
