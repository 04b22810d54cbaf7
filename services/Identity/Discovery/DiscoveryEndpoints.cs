using Duende.IdentityModel;
using KvAspire.Identity.Connect;
using KvAspire.Identity.SigningKeys;

namespace KvAspire.Identity.Discovery;

/// <summary>The endpoints of the issuer's metadata: OpenID Connect Discovery 1.0, RFC 8414, RFC 7517.</summary>
internal static class DiscoveryEndpoints
{
    private const string KeySetPath = ".well-known/jwks.json";
    private const string CacheForMinutes = "public, max-age=300";

    // Less than the shortest announcement of a key (SigningKeys:AnnounceNow).
    private const string CacheForSeconds = "public, max-age=5";

    // RFC 8414 has its own name for the document.
    private const string AuthorizationServerPath = ".well-known/oauth-authorization-server";

    private static readonly string[] SubjectTypes = ["public"];

    // "none" is for the public client, which has no secret.
    private static readonly string[] Confidential =
        [OidcConstants.EndpointAuthenticationMethods.BasicAuthentication, OidcConstants.EndpointAuthenticationMethods.PostBody];
    private static readonly string[] ConfidentialOrPublic = [.. Confidential, "none"];
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Claims =
        [JwtClaimTypes.Subject, JwtClaimTypes.PreferredUserName, JwtClaimTypes.Name, JwtClaimTypes.Email];

    public static IEndpointRouteBuilder MapDiscovery(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods($"/{OidcConstants.Discovery.DiscoveryEndpoint}", GetOrHead, Describe).AllowAnonymous().Describe(DiscoveryDescription.OpenId);
        routes.MapMethods($"/{AuthorizationServerPath}", GetOrHead, Describe).AllowAnonymous().Describe(DiscoveryDescription.AuthorizationServer);
        routes.MapMethods($"/{KeySetPath}", GetOrHead, PublishKeys).AllowAnonymous().Describe(DiscoveryDescription.Keys);
        return routes;
    }

    // Lists only what exists. An empty list overrides the default that the standards would assume.
    private static JsonHttpResult<Dictionary<string, object>> Describe(HttpResponse response, IOptions<AccessTokenOptions> tokens)
    {
        response.Headers.CacheControl = CacheForMinutes;
        var issuer = tokens.Value.Issuer;
        string Under(string path) => $"{issuer.TrimEnd('/')}/{path}";
        return TypedResults.Json(new Dictionary<string, object>
        {
            [OidcConstants.Discovery.Issuer] = issuer,
            [OidcConstants.Discovery.TokenEndpoint] = Under(ConnectEndpoints.Token),
            [OidcConstants.Discovery.RevocationEndpoint] = Under(ConnectEndpoints.Revocation),
            [OidcConstants.Discovery.IntrospectionEndpoint] = Under(ConnectEndpoints.Introspection),
            [OidcConstants.Discovery.UserInfoEndpoint] = Under(ConnectEndpoints.UserInfo),
            [OidcConstants.Discovery.JwksUri] = Under(KeySetPath),
            [OidcConstants.Discovery.ScopesSupported] = Scopes.Public,
            [OidcConstants.Discovery.ClaimsSupported] = Claims,
            [OidcConstants.Discovery.ResponseTypesSupported] = Array.Empty<string>(),
            [OidcConstants.Discovery.GrantTypesSupported] = ConnectEndpoints.GrantTypes,
            [OidcConstants.Discovery.TokenEndpointAuthenticationMethodsSupported] = ConfidentialOrPublic,
            ["revocation_endpoint_auth_methods_supported"] = ConfidentialOrPublic,
            ["introspection_endpoint_auth_methods_supported"] = Confidential,
            [OidcConstants.Discovery.SubjectTypesSupported] = SubjectTypes,
        });
    }

    private static JsonHttpResult<PublicKeySet> PublishKeys(HttpResponse response, SigningKeyRing keys)
    {
        response.Headers.CacheControl = CacheForSeconds;
        return TypedResults.Json(keys.Published, contentType: "application/jwk-set+json");
    }
}
