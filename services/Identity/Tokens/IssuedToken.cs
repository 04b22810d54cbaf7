namespace KvAspire.Identity.Tokens;

/// <summary>A token response (RFC 6749, section 5.1).</summary>
/// <param name="AccessToken">The access token: a JWT (RFC 9068).</param>
/// <param name="ExpiresIn">The lifetime in seconds.</param>
/// <param name="TokenType">The type: <c>Bearer</c>.</param>
/// <param name="RefreshToken">The refresh token; only for sessions of users.</param>
/// <param name="Scope">The granted scopes, separated by spaces.</param>
public sealed record IssuedToken(string AccessToken, int ExpiresIn, string TokenType, string? RefreshToken, string Scope);
