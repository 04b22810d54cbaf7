using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.TokenChecking;

/// <summary>
/// The full check of an access token: RFC 9068 with the rules of RFC 8725. Stricter than the standards where our issuer is: one
/// form of header, no duplicate members, exact types of claims.
/// </summary>
public sealed class TokenValidator(IOptions<AccessTokenOptions> options, ITokenKeySource source, TimeProvider clock)
{
    /// <summary>The maximum length of a token in characters. Our tokens are under 1 KiB.</summary>
    public const int MaxTokenLength = 8 * 1024;

    // Seconds. The clocks of two machines are never quite the same.
    internal const long ClockSkew = 5;

    private const string HeaderType = "at+jwt";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };

    /// <summary>Checks a token.</summary>
    /// <returns>The checked token, or why it is not valid.</returns>
    /// <exception cref="TokenKeysUnavailableException">No keys are known.</exception>
    internal async Task<(CheckedToken? Token, TokenRefusal? Refusal)> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        // 1. Without keys there is no verdict.
        var keys = await source.GetAsync(cancellationToken);

        // 2. The cheap checks of the three base64url parts (RFC 7515, section 7.1).
        if (token.Length > MaxTokenLength || token.Split('.', 4) is not [var header, var payload, _] || ReadKeyId(header) is not { } keyId)
            return (null, TokenRefusal.Malformed);

        // 3. An unknown key may be a new one.
        if (keys.Find(keyId) is null)
            keys = await source.RefreshAsync(keys, cancellationToken);
        if (keys.Find(keyId) is not { } key)
            return (null, TokenRefusal.UnknownKey);

        // 4. The signature, the issuer and the audience.
        var outcome = await handler.ValidateTokenAsync(token, Parameters(key));
        if (!outcome.IsValid || !TryParse(payload, out var claims))
            return (null, outcome.Exception is SecurityTokenInvalidSignatureException ? TokenRefusal.Signature : TokenRefusal.Claims);

        // 5. The types of the claims, and the times by our clock.
        using (claims)
        {
            return IsInForce(claims.RootElement) && AccessTokenIdentity.From(claims.RootElement) is { } identity
                ? (new(identity, keys), null)
                : (null, HasExpired(claims.RootElement) ? TokenRefusal.Expired : TokenRefusal.Claims);
        }
    }

    private TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        ValidIssuer = options.Value.Issuer,
        ValidAudience = options.Value.Audience,
        ValidTypes = [HeaderType],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        IssuerSigningKey = key,
        ValidateIssuerSigningKey = true,
        ValidateLifetime = false, // by our own clock, below
    };

    // Other header members (keys by jku, x5u or jwk, extensions by crit) make a token invalid.
    private static string? ReadKeyId(string part)
    {
        if (!TryParse(part, out var document))
            return null;

        using (document)
        {
            string? keyId = null, algorithm = null, type = null;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind is not JsonValueKind.String)
                    return null;
                if (member.NameEquals("kid"))
                    keyId = member.Value.GetString();
                else if (member.NameEquals("alg"))
                    algorithm = member.Value.GetString();
                else if (member.NameEquals("typ"))
                    type = member.Value.GetString();
                else
                    return null;
            }

            return algorithm is SecurityAlgorithms.RsaSha256 && type is HeaderType ? keyId : null;
        }
    }

    private bool HasExpired(JsonElement claims) =>
        AccessTokenIdentity.Seconds(claims, "exp") is { } expiresAt && expiresAt <= clock.GetUtcNow().ToUnixTimeSeconds() - ClockSkew;

    private bool IsInForce(JsonElement claims)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return AccessTokenIdentity.Seconds(claims, "exp") is { } expiresAt && expiresAt > now - ClockSkew
            && AccessTokenIdentity.Seconds(claims, "iat") is { } issuedAt && issuedAt <= now + ClockSkew
            && (!claims.TryGetProperty("nbf", out _) || (AccessTokenIdentity.Seconds(claims, "nbf") is { } notBefore && notBefore <= now + ClockSkew))
            && claims.TryGetProperty("aud", out var audience) && audience.ValueKind is JsonValueKind.String;
    }

    private static bool TryParse(string part, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            if (!Base64Url.IsValid(part) || part.AsSpan().ContainsAny(" \t\r\n="))
                return false;

            document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
                return true;

            document.Dispose();
            return false;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>A token that passed every check.</summary>
/// <param name="Identity">The token's claims.</param>
/// <param name="Keys">The keys that checked the token.</param>
public sealed record CheckedToken(AccessTokenIdentity Identity, TokenKeySet Keys);
