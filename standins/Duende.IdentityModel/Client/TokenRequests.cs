namespace Duende.IdentityModel.Client;

/// <summary>Asks for a token.</summary>
public class TokenRequest : ProtocolRequest
{
    /// <summary>The grant type.</summary>
    public string GrantType { get; set; } = default!;
}

/// <summary>Asks for a token of the client's own.</summary>
public class ClientCredentialsTokenRequest : TokenRequest
{
    /// <summary>The scopes, separated by spaces.</summary>
    public string? Scope { get; set; }
}

/// <summary>Asks for a token with a user's password.</summary>
public class PasswordTokenRequest : TokenRequest
{
    /// <summary>The user.</summary>
    public string UserName { get; set; } = default!;

    /// <summary>The password.</summary>
    public string? Password { get; set; }

    /// <summary>The scopes, separated by spaces.</summary>
    public string? Scope { get; set; }
}

/// <summary>Asks for the next token.</summary>
public class RefreshTokenRequest : TokenRequest
{
    /// <summary>The refresh token.</summary>
    public string RefreshToken { get; set; } = default!;

    /// <summary>The scopes, separated by spaces.</summary>
    public string? Scope { get; set; }
}

/// <summary>Asks what a token is (RFC 7662).</summary>
public class TokenIntrospectionRequest : ProtocolRequest
{
    /// <summary>The token.</summary>
    public string Token { get; set; } = default!;

    /// <summary>What kind it is.</summary>
    public string? TokenTypeHint { get; set; }
}

/// <summary>Asks to revoke a token (RFC 7009).</summary>
public class TokenRevocationRequest : ProtocolRequest
{
    /// <summary>The token.</summary>
    public string Token { get; set; } = default!;

    /// <summary>What kind it is.</summary>
    public string? TokenTypeHint { get; set; }
}

/// <summary>Asks who the user is.</summary>
public class UserInfoRequest : ProtocolRequest
{
    /// <summary>The access token.</summary>
    public string? Token { get; set; }
}
