namespace KvAspire.Identity.Tokens;

/// <summary>A token response, with the members of RFC 6749, section 5.1.</summary>
/// <param name="AccessToken">The JWT.</param>
/// <param name="ExpiresIn">In seconds.</param>
/// <param name="TokenType">How it is presented.</param>
/// <param name="RefreshToken">What is exchanged for the next access token; only where a user signed in.</param>
/// <param name="Scope">What it grants, separated by spaces.</param>
public sealed record IssuedToken(string AccessToken, int ExpiresIn, string TokenType, string? RefreshToken, string Scope);
