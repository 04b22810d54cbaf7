using Duende.IdentityModel;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Connect;

/// <summary>OAuth 2.0 for standard clients. What they find here is listed in the discovery document.</summary>
internal static class ConnectEndpoints
{
    /// <summary>Where each is, under the issuer.</summary>
    public const string Token = "connect/token", Revocation = "connect/revocation", Introspection = "connect/introspect", UserInfo = "connect/userinfo";

    /// <summary>The grants of <see cref="Token"/>.</summary>
    public static readonly string[] GrantTypes =
        [OidcConstants.GrantTypes.RefreshToken, OidcConstants.GrantTypes.ClientCredentials, OidcConstants.GrantTypes.Password];

    public static IEndpointRouteBuilder MapConnect(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"/{Token}", TokenGrants.GrantAsync).AllowAnonymous().Describe(ConnectDescription.Token);
        routes.MapPost($"/{Revocation}", TokenRevocation.RevokeAsync).AllowAnonymous().Describe(ConnectDescription.Revoke);
        routes.MapPost($"/{Introspection}", TokenIntrospection.IntrospectAsync).AllowAnonymous().Describe(ConnectDescription.Introspect);
        routes.MapMethods($"/{UserInfo}", [HttpMethods.Get, HttpMethods.Post], UserInfoEndpoint.DescribeAsync)
            .RequireAuthorization(ServiceDefaults.Tokens.Scopes.AccountPolicy).Describe(ConnectDescription.UserInfo);
        return routes;
    }
}
