namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Values of <c>WWW-Authenticate</c> (RFC 6750, section 3). A challenge has at least one parameter.</summary>
public static class BearerChallenge
{
    /// <summary>The request has no token: the challenge has no error code (section 3.1).</summary>
    public const string NoToken = "Bearer realm=\"kvaspire\"";

    /// <summary>The token is not valid.</summary>
    public const string InvalidToken = $"{NoToken}, error=\"invalid_token\"";

    /// <summary>The token lacks a scope.</summary>
    public const string InsufficientScope = $"{NoToken}, error=\"insufficient_scope\"";
}
