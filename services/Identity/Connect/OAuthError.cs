using System.Globalization;

namespace KvAspire.Identity.Connect;

/// <summary>
/// An error of the OAuth protocol, in the format of RFC 6749, section 5.2. <see cref="ErrorResult"/> writes all other errors, on
/// these paths in the same format.
/// </summary>
internal sealed class OAuthError(
    string error, string description, int status = StatusCodes.Status400BadRequest, TimeSpan? retryAfter = null) : IResult
{
    private const string ClientError = "invalid_client", Basic = "Basic ";

    /// <summary>The error code.</summary>
    public string Code => error;

    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);

    /// <summary>The client is unknown or its secret is wrong; the answer does not say which.</summary>
    public static OAuthError InvalidClient { get; } = new(ClientError, "The client's credentials are not valid.");

    public static OAuthError InvalidGrant { get; } = new("invalid_grant", "The grant is not valid or has expired.");
    public static OAuthError InvalidScope { get; } = new("invalid_scope", "The client may not be granted this scope.");

    /// <summary>The request names a resource that the tokens are not for (RFC 8707, section 2).</summary>
    public static OAuthError InvalidTarget { get; } = new(
        "invalid_target", "The tokens of this server are for its issuer only: resource must be its URL, or left out.");

    public static OAuthError UnauthorizedClient { get; } = new("unauthorized_client", "The client may not do this.");
    public static OAuthError UnsupportedGrantType { get; } = new("unsupported_grant_type", "The grant type must be refresh_token, client_credentials or password.");

    /// <summary>Too many authentications of clients failed in the network of the request.</summary>
    public static OAuthError RateLimited(TimeSpan retryAfter) => new(
        "temporarily_unavailable", ErrorCatalogue.RateLimited.Message, StatusCodes.Status429TooManyRequests, retryAfter);

    /// <summary>Too many password hashes wait already (RFC 6749, section 4.1.2.1, has the code).</summary>
    public static OAuthError TemporarilyUnavailable(TimeSpan retryAfter) => new(
        "temporarily_unavailable", "The service is temporarily unavailable. Please try again later.", StatusCodes.Status503ServiceUnavailable, retryAfter);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";

        // A challenge is for a client that used HTTP authentication. Without it the status is 400: a 401 must have a challenge
        // (RFC 9110, section 15.5.2), which would hide the error from the client.
        if (error == ClientError && IsBasic(httpContext.Request))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Basic realm=\"kvaspire\"";
        }

        httpContext.RequestServices.GetRequiredService<RefusalLog>().Write(httpContext, response.StatusCode, error);
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        ErrorTraces.Keep(httpContext);
        return response.WriteAsJsonAsync(OAuthErrorBody.Of(error, description), httpContext.RequestAborted);
    }

    /// <summary>Whether a client authenticates by HTTP Basic (RFC 7617).</summary>
    public static bool IsBasic(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Basic, StringComparison.OrdinalIgnoreCase);
}
