using System.Globalization;
using System.Text.Json.Serialization;
using Duende.IdentityModel;

namespace KvAspire.Identity.Connect;

/// <summary>
/// An error of the OAuth protocol, in the format of RFC 6749, section 5.2. <see cref="ErrorResult"/> writes all other errors, on
/// these paths in the same format.
/// </summary>
internal sealed class OAuthError(
    string error, string description, int status = StatusCodes.Status400BadRequest, TimeSpan? retryAfter = null) : IResult
{
    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);

    /// <summary>The client is unknown or its secret is wrong; the answer does not say which.</summary>
    public static OAuthError InvalidClient { get; } = new("invalid_client", "The client's credentials are not valid.", StatusCodes.Status401Unauthorized);

    public static OAuthError InvalidGrant { get; } = new("invalid_grant", "The grant is not valid or has expired.");
    public static OAuthError InvalidScope { get; } = new("invalid_scope", "The client may not be granted this scope.");
    public static OAuthError UnauthorizedClient { get; } = new("unauthorized_client", "The client may not do this.");
    public static OAuthError UnsupportedGrantType { get; } = new("unsupported_grant_type", "The grant type must be refresh_token, client_credentials or password.");

    /// <summary>Too many password hashes wait already (RFC 6749, section 4.1.2.1, has the code).</summary>
    public static OAuthError TemporarilyUnavailable(TimeSpan retryAfter) => new(
        "temporarily_unavailable", "The service is temporarily unavailable. Please try again later.", StatusCodes.Status503ServiceUnavailable, retryAfter);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Basic realm=\"kvaspire\"";
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(new Body(error, description), httpContext.RequestAborted);
    }

    private sealed record Body(
        [property: JsonPropertyName(OidcConstants.TokenResponse.Error)] string Error,
        [property: JsonPropertyName(OidcConstants.TokenResponse.ErrorDescription)] string Description);
}
