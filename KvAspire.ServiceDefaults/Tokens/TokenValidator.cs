using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// The full check of an access token: RFC 9068 over the rules of RFC 8725. Stricter than the standards where our issuer
/// is: exactly one way of writing a header, no member twice, every claim of its own type.
/// </summary>
public sealed class TokenValidator(IOptions<AccessTokenOptions> options, ITokenKeySource source, TimeProvider clock)
{
    /// <summary>The longest token that is looked at, in characters. Ours are under 1 KiB; beyond this a header is an attack, not a token.</summary>
    public const int MaxTokenLength = 8 * 1024;

    // Clocks of two machines are never quite the same.
    internal const long ClockSkew = 5;

    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };

    /// <summary>What the token says; null where it is not one of ours, or not valid now.</summary>
    /// <exception cref="TokenKeysUnavailableException">There are no keys to check it with.</exception>
    public async Task<CheckedToken?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        // 1. There must be keys before anything is said of the token.
        var keys = await source.GetAsync(cancellationToken);

        // 2. The cheap checks, on three parts of base64url (RFC 7515, section 7.1).
        if (token.Length > MaxTokenLength || token.Split('.', 4) is not [var header, var payload, _] || ReadKeyId(header) is not { } keyId)
            return null;

        // 3. A key that we do not know may be newer than what we know.
        if (keys.Find(keyId) is null)
            keys = await source.RefreshAsync(keys, cancellationToken);
        if (keys.Find(keyId) is not { } key)
            return null;

        // 4. The signature, the issuer and the audience.
        var outcome = await handler.ValidateTokenAsync(token, Parameters(key));
        if (!outcome.IsValid || !TryParse(payload, out var claims))
            return null;

        // 5. The claims, each of its type, and the times by our clock.
        using (claims)
            return IsInForce(claims.RootElement) && AccessTokenIdentity.From(claims.RootElement) is { } identity ? new(identity, keys) : null;
    }

    private TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        ValidIssuer = options.Value.Issuer,
        ValidAudience = options.Value.Audience,
        ValidTypes = [Header.Type],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        IssuerSigningKey = key,
        ValidateIssuerSigningKey = true,
        ValidateLifetime = false, // by our own clock, below
    };

    // Whatever else a header says (another key by jku, x5u or jwk, an extension by crit) is not ours.
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

            return algorithm is SecurityAlgorithms.RsaSha256 && type is Header.Type ? keyId : null;
        }
    }

    private bool IsInForce(JsonElement claims)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return Seconds(claims, "exp") is { } expiresAt && expiresAt > now - ClockSkew
            && Seconds(claims, "iat") is { } issuedAt && issuedAt <= now + ClockSkew
            && (!claims.TryGetProperty("nbf", out _) || (Seconds(claims, "nbf") is { } notBefore && notBefore <= now + ClockSkew))
            && claims.TryGetProperty("aud", out var audience) && audience.ValueKind is JsonValueKind.String;
    }

    private static long? Seconds(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var seconds)
            ? seconds
            : null;

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

    private static class Header
    {
        public const string Type = "at+jwt";
    }
}

/// <summary>A token that passed every check.</summary>
/// <param name="Identity">What it says.</param>
/// <param name="Keys">The keys that it was checked with.</param>
public sealed record CheckedToken(AccessTokenIdentity Identity, TokenKeySet Keys);
