using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.TestKit;

/// <summary>Tokens that no service may accept (RFC 8725), each one step away from a valid one.</summary>
public static class ForgedTokens
{
    private static readonly Dictionary<string, Func<SecurityTokenDescriptor, RsaSecurityKey, string>> Makers = new()
    {
        ["expired"] = (token, _) => Sign(token, t => (t.IssuedAt, t.NotBefore, t.Expires) = (Minutes(-70), Minutes(-70), Minutes(-10))),
        ["not yet valid"] = (token, _) => Sign(token, t => (t.NotBefore, t.Expires) = (Minutes(10), Minutes(70))),
        ["without expiry"] = (token, _) => Sign(token, t => t.Expires = null),
        ["signed by another key"] = (token, _) => Sign(token, t => t.SigningCredentials = Rsa(AnotherKey(Guid.NewGuid().ToString("N")))),
        ["signed by another key under our key id"] = (token, key) => Sign(token, t => t.SigningCredentials = Rsa(AnotherKey(key.KeyId))),
        ["alg none"] = (token, _) => WithHeader(Sign(token, _ => { }), """{"alg":"none","typ":"at+jwt"}""", signature: ""),
        ["alg None with our key id"] = (token, key) =>
            WithHeader(Sign(token, _ => { }), $$"""{"alg":"None","typ":"at+jwt","kid":"{{key.KeyId}}"}""", signature: ""),
        ["alg HS256 with the public key as the secret"] = (token, key) => Hs256(Sign(token, _ => { }), key),
        ["signed by RS512"] = (token, key) =>
            Sign(token, t => t.SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha512)),
        ["for another audience"] = (token, _) => Sign(token, t => t.Audience = "another-api"),
        ["without an audience"] = (token, _) => Sign(token, t => t.Audience = null),
        ["by another issuer"] = (token, _) => Sign(token, t => t.Issuer = "https://issuer.example"),
        ["of type JWT"] = (token, _) => Sign(token, t => t.TokenType = "JWT"),
        ["with a changed payload"] = (token, _) => WithPayload(Sign(token, _ => { }), "\"sub\":\"", "\"sub\":\"x"),
        ["without its signature"] = (token, _) => Sign(token, _ => { })[..(Sign(token, _ => { }).LastIndexOf('.') + 1)],
        ["of two parts"] = (token, _) => string.Join('.', Sign(token, _ => { }).Split('.')[..2]),
        ["no token at all"] = (_, _) => "not-a-token",
        ["oversized"] = (token, _) => Sign(token, t => t.Claims["padding"] = new string('x', 12 * 1024)),
    };

    /// <summary>What is wrong with each.</summary>
    public static IEnumerable<string> All => Makers.Keys;

    /// <summary>Forges one of <see cref="All"/>.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="valid">What a valid token would say.</param>
    /// <param name="signingKey">The issuer's key.</param>
    public static string Forge(string kind, SecurityTokenDescriptor valid, RsaSecurityKey signingKey) => Makers[kind](valid, signingKey);

    /// <summary>Forges one of <see cref="All"/> of a test issuer's tokens.</summary>
    public static string Forge(string kind, TestIssuer issuer, string subject) => Forge(kind, issuer.Describe(subject), issuer.SigningKey);

    private static string Sign(SecurityTokenDescriptor token, Action<SecurityTokenDescriptor> change)
    {
        change(token);
        return TestIssuer.Sign(token);
    }

    private static DateTime Minutes(int fromNow) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(fromNow);

    private static RsaSecurityKey AnotherKey(string id) => new(RSA.Create(2048)) { KeyId = id };

    private static SigningCredentials Rsa(RsaSecurityKey key) => new(key, SecurityAlgorithms.RsaSha256);

    private static string WithHeader(string token, string header, string signature) =>
        $"{Base64UrlEncoder.Encode(header)}.{token.Split('.')[1]}.{signature}";

    private static string WithPayload(string token, string old, string replacement)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace(old, replacement))}.{parts[2]}";
    }

    private static string Hs256(string token, RsaSecurityKey key)
    {
        var header = Base64UrlEncoder.Encode($$"""{"alg":"HS256","typ":"at+jwt","kid":"{{key.KeyId}}"}""");
        var signed = $"{header}.{token.Split('.')[1]}";
        var secret = Encoding.ASCII.GetBytes(key.Rsa.ExportSubjectPublicKeyInfoPem());
        return $"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }
}
