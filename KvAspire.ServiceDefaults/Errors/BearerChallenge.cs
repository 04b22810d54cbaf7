namespace KvAspire.ServiceDefaults.Errors;

/// <summary>What <c>WWW-Authenticate</c> says (RFC 6750, section 3). A challenge has at least one parameter.</summary>
internal static class BearerChallenge
{
    /// <summary>To a request that brought no token: it is told no error code (section 3.1).</summary>
    public const string NoToken = "Bearer realm=\"kvaspire\"";

    /// <summary>The token is not valid.</summary>
    public const string InvalidToken = $"{NoToken}, error=\"invalid_token\"";

    /// <summary>The token does not grant enough.</summary>
    public const string InsufficientScope = $"{NoToken}, error=\"insufficient_scope\"";
}
