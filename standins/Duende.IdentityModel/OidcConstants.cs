#pragma warning disable CS1591 // the names and values are the registered ones: RFC 6749, RFC 7518, RFC 8414, OpenID Connect Discovery 1.0
namespace Duende.IdentityModel;

/// <summary>Names of the OAuth 2.0 and OpenID Connect wire formats.</summary>
public static class OidcConstants
{
    /// <summary>Parameters of a token request.</summary>
    public static class TokenRequest
    {
        public const string GrantType = "grant_type";
        public const string ClientId = "client_id";
        public const string ClientSecret = "client_secret";
        public const string UserName = "username";
        public const string Password = "password";
        public const string RefreshToken = "refresh_token";
        public const string Scope = "scope";
    }

    /// <summary>Kinds of token requests.</summary>
    public static class GrantTypes
    {
        public const string Password = "password";
        public const string ClientCredentials = "client_credentials";
        public const string RefreshToken = "refresh_token";
    }

    /// <summary>Parameters of a revocation or introspection request.</summary>
    public static class TokenIntrospectionRequest
    {
        public const string Token = "token";
        public const string TokenTypeHint = "token_type_hint";
    }

    /// <summary>How clients authenticate.</summary>
    public static class EndpointAuthenticationMethods
    {
        public const string PostBody = "client_secret_post";
        public const string BasicAuthentication = "client_secret_basic";
    }

    /// <summary>Members of a token response.</summary>
    public static class TokenResponse
    {
        public const string AccessToken = "access_token";
        public const string ExpiresIn = "expires_in";
        public const string TokenType = "token_type";
        public const string RefreshToken = "refresh_token";
        public const string Scope = "scope";
        public const string Error = "error";
        public const string ErrorDescription = "error_description";
        public const string BearerTokenType = "Bearer";
    }

    /// <summary>Members of the discovery document.</summary>
    public static class Discovery
    {
        /// <summary>Where the document lies, under the issuer.</summary>
        public const string DiscoveryEndpoint = ".well-known/openid-configuration";

        public const string Issuer = "issuer";
        public const string AuthorizationEndpoint = "authorization_endpoint";
        public const string TokenEndpoint = "token_endpoint";
        public const string UserInfoEndpoint = "userinfo_endpoint";
        public const string IntrospectionEndpoint = "introspection_endpoint";
        public const string RevocationEndpoint = "revocation_endpoint";
        public const string JwksUri = "jwks_uri";
        public const string CheckSessionIframe = "check_session_iframe";
        public const string ScopesSupported = "scopes_supported";
        public const string ClaimsSupported = "claims_supported";
        public const string GrantTypesSupported = "grant_types_supported";
        public const string ResponseTypesSupported = "response_types_supported";
        public const string SubjectTypesSupported = "subject_types_supported";
        public const string TokenEndpointAuthenticationMethodsSupported = "token_endpoint_auth_methods_supported";
        public const string IdTokenSigningAlgorithmsSupported = "id_token_signing_alg_values_supported";
    }

    /// <summary>Algorithms of JSON Web Signatures.</summary>
    public static class Algorithms
    {
        public static class Asymmetric
        {
            public const string RS256 = "RS256";
        }
    }
}
