using Duende.IdentityModel;
using KvAspire.Identity.Requests;
using KvAspire.Identity.SignIns;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Identity.Tokens;

/// <summary>Signing in.</summary>
internal static class TokenEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/token", SignInAsync).AllowAnonymous().WithMetadata(new UnhandledErrorMetadata(ErrorCatalogue.InternalError));
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<IssuedToken>>, ErrorResult>> SignInAsync(
        HttpRequest request, SignIn signIn, TokenIssuer issuer, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var username = JsonField.Of(body.Root, OidcConstants.TokenRequest.UserName).Text;
        var password = JsonField.Of(body.Root, OidcConstants.TokenRequest.Password).Text;
        if (string.IsNullOrEmpty(username) || string.IsNullOrEmpty(password))
            return ErrorCatalogue.MissingFields.AsResult();

        var outcome = await signIn.AttemptAsync(username, password, cancellationToken);
        if (outcome.RetryAfter is { } retryAfter)
            return ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter);
        if (outcome.User is not { } user)
            return ErrorCatalogue.InvalidCredentials.AsResult();

        request.HttpContext.Response.Headers.CacheControl = "no-store"; // RFC 6749, section 5.1
        return TypedResults.Ok(Success.Of("Access token generated successfully.", issuer.Issue(user)));
    }
}
