using System.Text.Json.Serialization;
using Duende.IdentityModel;

namespace KvAspire.Identity.Connect;

/// <summary>
/// An error in the format that standard clients know (RFC 6749, section 5.2). The one place that writes it; everything else
/// wears the envelope.
/// </summary>
internal sealed class OAuthError(string error, string description, int status = StatusCodes.Status400BadRequest) : IResult
{
    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);

    /// <summary>The client is unknown, or its secret is wrong: which of them is not told.</summary>
    public static OAuthError InvalidClient { get; } = new("invalid_client", "The client is not known by these credentials.", StatusCodes.Status401Unauthorized);

    public static OAuthError InvalidGrant { get; } = new("invalid_grant", "The grant is not valid, or no longer.");

    public static OAuthError InvalidScope { get; } = new("invalid_scope", "The client may not be granted this scope.");

    public static OAuthError UnauthorizedClient { get; } = new("unauthorized_client", "The client may not do this.");

    public static OAuthError UnsupportedGrantType { get; } = new("unsupported_grant_type", "The grant type must be refresh_token, client_credentials or password.");

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Basic realm=\"kvaspire\"";
        return response.WriteAsJsonAsync(new Body(error, description), httpContext.RequestAborted);
    }

    private sealed record Body(
        [property: JsonPropertyName(OidcConstants.TokenResponse.Error)] string Error,
        [property: JsonPropertyName(OidcConstants.TokenResponse.ErrorDescription)] string Description);
}
