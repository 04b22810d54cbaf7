using Duende.IdentityModel;
using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Discovery;

/// <summary>What standard clients learn about this issuer: OpenID Connect Discovery 1.0, RFC 8414, RFC 7517.</summary>
internal static class DiscoveryEndpoints
{
    private const string KeySetPath = ".well-known/jwks.json";

    // A key is announced days before it signs; a few minutes of an old copy harm nobody.
    private const string CacheForMinutes = "public, max-age=300";

    private static readonly string[] SubjectTypes = ["public"], SigningAlgorithms = [OidcConstants.Algorithms.Asymmetric.RS256];

    public static IEndpointRouteBuilder MapDiscovery(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"/{OidcConstants.Discovery.DiscoveryEndpoint}", Describe).AllowAnonymous();
        routes.MapGet($"/{KeySetPath}", PublishKeys).AllowAnonymous();
        return routes;
    }

    // Only what exists. The empty lists say so where the standards would assume a default.
    private static JsonHttpResult<Dictionary<string, object>> Describe(HttpResponse response, IOptions<AccessTokenOptions> tokens)
    {
        response.Headers.CacheControl = CacheForMinutes;
        var issuer = tokens.Value.Issuer;
        return TypedResults.Json(new Dictionary<string, object>
        {
            [OidcConstants.Discovery.Issuer] = issuer,
            [OidcConstants.Discovery.JwksUri] = $"{issuer.TrimEnd('/')}/{KeySetPath}",
            [OidcConstants.Discovery.ScopesSupported] = Scopes.All,
            [OidcConstants.Discovery.ResponseTypesSupported] = Array.Empty<string>(),
            [OidcConstants.Discovery.GrantTypesSupported] = Array.Empty<string>(),
            [OidcConstants.Discovery.SubjectTypesSupported] = SubjectTypes,
            [OidcConstants.Discovery.IdTokenSigningAlgorithmsSupported] = SigningAlgorithms,
        });
    }

    private static JsonHttpResult<PublicKeySet> PublishKeys(HttpResponse response, SigningKeyRing keys)
    {
        response.Headers.CacheControl = CacheForMinutes;
        return TypedResults.Json(keys.Published, contentType: "application/jwk-set+json");
    }
}
