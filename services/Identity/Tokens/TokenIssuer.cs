using Duende.IdentityModel;
using KvAspire.Identity.SigningKeys;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>Issues access tokens (RFC 9068).</summary>
internal sealed class TokenIssuer(
    SigningKeyRing keys, IOptions<AccessTokenOptions> tokens, IOptions<TokenOptions> options, TimeProvider clock)
{
    // Who asks at /api/token is a user of our own front door, not of a registered client.
    private const string FirstPartyClient = "kvaspire";

    // Only what RFC 9068 lists goes in, and with our clock.
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private static readonly string EveryScope = string.Join(' ', Scopes.All);

    /// <summary>A token that lets its bearer act as the user.</summary>
    public IssuedToken Issue(User user)
    {
        var now = clock.GetUtcNow();
        var token = Handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = JwtClaimTypes.JwtTypes.AccessToken,
            SigningCredentials = keys.Credentials,
            Issuer = tokens.Value.Issuer,
            Audience = tokens.Value.Audience,
            IssuedAt = now.UtcDateTime,
            Expires = (now + options.Value.Lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtClaimTypes.Subject] = user.Id,
                [JwtClaimTypes.ClientId] = FirstPartyClient,
                [JwtClaimTypes.JwtId] = Guid.NewGuid().ToString("N"),
                [JwtClaimTypes.Scope] = EveryScope,
            },
        });

        return new(token, (int)options.Value.Lifetime.TotalSeconds, OidcConstants.TokenResponse.BearerTokenType, EveryScope);
    }
}
