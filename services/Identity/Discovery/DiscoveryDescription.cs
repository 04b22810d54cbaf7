using System.Text.Json;

namespace KvAspire.Identity.Discovery;

/// <summary>Describes the discovery endpoints in the OpenAPI document.</summary>
internal static class DiscoveryDescription
{
    private const string Example = """{"issuer":"https://kv.example.com","token_endpoint":"https://kv.example.com/connect/token","jwks_uri":"https://kv.example.com/.well-known/jwks.json","grant_types_supported":["refresh_token","client_credentials","password"]}""";

    public static readonly OperationDescription OpenId = new("readOpenIdConfiguration", "Read the issuer's metadata (OpenID Connect Discovery)")
    {
        Text = "The issuer, its endpoints and what they support. Standard libraries begin here. The document may be cached for five minutes.",
        Answers = [new(200, "The document.") { Type = typeof(IssuerMetadata), Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription AuthorizationServer = new("readAuthorizationServer", "Read the issuer's metadata (RFC 8414)")
    {
        Text = "The same document as for OpenID Connect, at the address of OAuth 2.0.",
        Answers = [new(200, "The document.") { Type = typeof(IssuerMetadata), Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription Keys = new("readKeySet", "Read the keys that sign access tokens (RFC 7517)")
    {
        Text = "Public keys only. A key is published from before its first signature until its last token has expired. Read the keys again when a token names an unknown one.",
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

/// <summary>The metadata of the issuer. The standards name more members.</summary>
/// <param name="Issuer">The issuer of the tokens: the public address of the gateway.</param>
/// <param name="TokenEndpoint">The address that issues tokens.</param>
/// <param name="JwksUri">The address of the public keys.</param>
/// <param name="GrantTypesSupported">The grant types of the token endpoint.</param>
public sealed record IssuerMetadata(string Issuer, string TokenEndpoint, string JwksUri, IReadOnlyList<string> GrantTypesSupported);

/// <summary>A set of public keys.</summary>
/// <param name="Keys">JSON Web Keys.</param>
public sealed record DescribedKeySet(IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Keys);
