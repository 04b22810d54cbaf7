namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// Values of <c>WWW-Authenticate</c> (RFC 6750, section 3). A challenge has at least one parameter. No browser shows a login
/// prompt for this scheme.
/// </summary>
public static class BearerChallenge
{
    /// <summary>The request has no token: the challenge has no error code (section 3.1).</summary>
    public const string NoToken = "Bearer realm=\"kvaspire\"";

    /// <summary>The token is not valid.</summary>
    public const string InvalidToken = $"{NoToken}, error=\"invalid_token\"";

    /// <summary>The token lacks a scope.</summary>
    public const string InsufficientScope = $"{NoToken}, error=\"insufficient_scope\"";

    /// <summary>The challenge of a 401 whose endpoint sets none (RFC 9110, section 15.5.2).</summary>
    /// <param name="error">
    /// <c>INVALID_TOKEN</c> for a token that was valid and whose user no longer exists; any other for a request without a token.
    /// </param>
    public static string Of(ApiError error) => error == ErrorCatalogue.InvalidToken ? InvalidToken : NoToken;
}
