using System.Text.Json;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Discovery;

/// <summary>What the OpenAPI document says of discovery.</summary>
internal static class DiscoveryDescription
{
    private const string Tag = "Discovery";

    private const string Example = """{"issuer":"https://kv.example.com","token_endpoint":"https://kv.example.com/connect/token","jwks_uri":"https://kv.example.com/.well-known/jwks.json","grant_types_supported":["refresh_token","client_credentials","password"]}""";

    public static readonly OperationDescription OpenId = new("readOpenIdConfiguration", Tag, "Where everything is (OpenID Connect Discovery)")
    {
        Text = "The issuer, its endpoints and what they take. Standard libraries begin here; it may be kept for five minutes.",
        Answers = [new(200, "The document.") { Type = typeof(IssuerMetadata), Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription AuthorizationServer = new("readAuthorizationServer", Tag, "Where everything is (RFC 8414)")
    {
        Text = "The same document as that of OpenID Connect, at the address where clients of OAuth 2.0 look for it.",
        Answers = [new(200, "The document.") { Type = typeof(IssuerMetadata), Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription Keys = new("readKeySet", Tag, "The keys that access tokens are signed with (RFC 7517)")
    {
        Text = "Public keys only. One is published before it signs, and until the last token that it signed has expired: look again where a token names one that you do not know.",
        Answers =
        [
            new(200, "The keys.")
            {
                Type = typeof(DescribedKeySet),
                ContentType = "application/jwk-set+json",
                Example = """{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"h7Qk2","n":"u1SU1L…","e":"AQAB"}]}""",
                Headers = ["Cache-Control"],
            },
        ],
    };
}

/// <summary>What an issuer says of itself. The standards name more members.</summary>
/// <param name="Issuer">The issuer of the tokens: the public address of the gateway.</param>
/// <param name="TokenEndpoint">Where tokens are got.</param>
/// <param name="JwksUri">Where its keys are.</param>
/// <param name="GrantTypesSupported">How tokens are got.</param>
public sealed record IssuerMetadata(string Issuer, string TokenEndpoint, string JwksUri, IReadOnlyList<string> GrantTypesSupported);

/// <summary>A set of public keys.</summary>
/// <param name="Keys">JSON Web Keys.</param>
public sealed record DescribedKeySet(IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Keys);
