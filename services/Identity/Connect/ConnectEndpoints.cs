using Duende.IdentityModel;

namespace KvAspire.Identity.Connect;

/// <summary>The OAuth 2.0 endpoints for standard clients, which the discovery document lists.</summary>
internal static class ConnectEndpoints
{
    /// <summary>The paths, under the issuer.</summary>
    public const string Token = "connect/token", Revocation = "connect/revocation", Introspection = "connect/introspect", UserInfo = "connect/userinfo";

    /// <summary>The grant types of <see cref="Token"/>.</summary>
    public static readonly string[] GrantTypes =
        [OidcConstants.GrantTypes.RefreshToken, OidcConstants.GrantTypes.ClientCredentials, OidcConstants.GrantTypes.Password];

    public static IEndpointRouteBuilder MapConnect(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"/{Token}", TokenGrants.GrantAsync).AllowAnonymous().Describe(ConnectDescription.Token);
        routes.MapPost($"/{Revocation}", TokenRevocation.RevokeAsync).AllowAnonymous().Describe(ConnectDescription.Revoke);
        routes.MapPost($"/{Introspection}", TokenIntrospection.IntrospectAsync).AllowAnonymous().Describe(ConnectDescription.Introspect);
        routes.MapMethods($"/{UserInfo}", [HttpMethods.Get, HttpMethods.Post], UserInfoEndpoint.DescribeAsync)
            .RequireAuthorization(TokenChecking.Scopes.SessionPolicy).Describe(ConnectDescription.UserInfo);
        return routes;
    }
}
