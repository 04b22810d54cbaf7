#pragma warning disable CS1591 // the names and values are the registered ones: RFC 7519 section 4.1, RFC 8693, RFC 9068
namespace Duende.IdentityModel;

/// <summary>Names of JWT claims.</summary>
public static class JwtClaimTypes
{
    public const string Issuer = "iss";
    public const string Subject = "sub";
    public const string Audience = "aud";
    public const string Expiration = "exp";
    public const string NotBefore = "nbf";
    public const string IssuedAt = "iat";
    public const string JwtId = "jti";
    public const string TokenType = "typ";
    public const string ClientId = "client_id";
    public const string Scope = "scope";
    public const string SessionId = "sid";
    public const string PreferredUserName = "preferred_username";
    public const string Email = "email";
    public const string Name = "name";
    public const string Role = "role";

    /// <summary>Values of the header <c>typ</c>.</summary>
    public static class JwtTypes
    {
        public const string AccessToken = "at+jwt";
    }
}
