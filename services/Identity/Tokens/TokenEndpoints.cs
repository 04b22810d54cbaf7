using Duende.IdentityModel;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;
using KvAspire.Identity.SignIns;

namespace KvAspire.Identity.Tokens;

/// <summary>The endpoint that signs users in and keeps them signed in.</summary>
internal static class TokenEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapTokenEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/token", GrantAsync).AllowAnonymous().WithMetadata(new UnhandledErrorMetadata(ErrorCatalogue.InternalError))
            .Describe(TokensDescription.Grant);
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<IssuedToken>>, ErrorResult>> GrantAsync(
        HttpRequest request, SignIn signIn, UserTokens tokens, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return metrics.Refuse(IssuanceMetrics.OtherGrant, IssuanceMetrics.InvalidRequest, unreadable.AsResult());

        var scope = JsonField.Of(body.Root, OidcConstants.TokenRequest.Scope);
        if (!scope.IsAbsent && scope.Text is null)
            return metrics.Refuse(IssuanceMetrics.OtherGrant, IssuanceMetrics.InvalidScope, ErrorCatalogue.InvalidScope.AsResult());

        var grantType = JsonField.Of(body.Root, OidcConstants.TokenRequest.GrantType);
        var refreshToken = JsonField.Of(body.Root, OidcConstants.TokenRequest.RefreshToken);
        if (grantType.IsAbsent && !refreshToken.IsAbsent && JsonField.Of(body.Root, OidcConstants.TokenRequest.UserName).IsAbsent)
        {
            return metrics.Refuse(
                IssuanceMetrics.OtherGrant, IssuanceMetrics.InvalidRequest,
                Missing(OidcConstants.TokenRequest.GrantType, grantType, "Missing fields. Please provide grant_type refresh_token."));
        }

        return grantType switch
        {
            { IsAbsent: true } or { Text: OidcConstants.GrantTypes.Password } => await SignInAsync(
                request, JsonField.Of(body.Root, OidcConstants.TokenRequest.UserName).Text,
                JsonField.Of(body.Root, OidcConstants.TokenRequest.Password).Text, scope.Text, signIn, tokens, metrics, cancellationToken),
            { Text: OidcConstants.GrantTypes.RefreshToken } => await RefreshAsync(refreshToken, scope.Text, tokens, metrics, cancellationToken),
            _ => metrics.Refuse(IssuanceMetrics.OtherGrant, IssuanceMetrics.UnsupportedGrantType, ErrorCatalogue.InvalidRequest.AsResult(
                "Invalid request. grant_type must be password or refresh_token.",
                Error(OidcConstants.TokenRequest.GrantType, "This field must be password or refresh_token."))),
        };
    }

    private static async Task<Results<Ok<SuccessEnvelope<IssuedToken>>, ErrorResult>> SignInAsync(
        HttpRequest request, string? username, string? password, string? scope, SignIn signIn, UserTokens tokens, IssuanceMetrics metrics,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(username) || string.IsNullOrEmpty(password))
            return Refuse(IssuanceMetrics.InvalidRequest, ErrorCatalogue.MissingFields.AsResult());

        var outcome = await signIn.AttemptAsync(username, password, cancellationToken);
        if (outcome.RetryAfter is { } retryAfter)
            return Refuse(outcome.Refusal, ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter, reason: HashQueue.IsFull));
        if (outcome.User is not { } user)
            return Refuse(outcome.Refusal, ErrorCatalogue.InvalidCredentials.AsResult());
        if (GrantedScopes.Narrow(scope, GrantedScopes.Of(user, TokenIssuer.FirstPartyClient)) is not { } granted)
            return Refuse(IssuanceMetrics.InvalidScope, ErrorCatalogue.InvalidScope.AsResult());

        return await tokens.SignInAsync(user, TokenIssuer.FirstPartyClient, clientIsStored: false, granted, request.Headers.UserAgent, cancellationToken) is { } token
            ? Granted(token)
            : Refuse(IssuanceMetrics.InvalidCredentials, ErrorCatalogue.InvalidCredentials.AsResult());

        ErrorResult Refuse(string reason, ErrorResult answer) => metrics.Refuse(OidcConstants.GrantTypes.Password, reason, answer);
    }

    private static async Task<Results<Ok<SuccessEnvelope<IssuedToken>>, ErrorResult>> RefreshAsync(
        JsonField refreshToken, string? scope, UserTokens tokens, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(refreshToken.Text))
        {
            return Refuse(
                IssuanceMetrics.InvalidRequest,
                Missing(OidcConstants.TokenRequest.RefreshToken, refreshToken, "Missing fields. Please provide refresh_token."));
        }

        var (token, exceedsGrant) = await tokens.RefreshAsync(refreshToken.Text, TokenIssuer.FirstPartyClient, scope, cancellationToken);
        return token is not null ? Granted(token)
            : exceedsGrant ? Refuse(IssuanceMetrics.InvalidScope, ErrorCatalogue.InvalidScope.AsResult())
            : Refuse(
                IssuanceMetrics.InvalidCredentials,
                ErrorCatalogue.InvalidCredentials.AsResult("Invalid credentials. The provided refresh token is not valid."));

        ErrorResult Refuse(string reason, ErrorResult answer) => metrics.Refuse(OidcConstants.GrantTypes.RefreshToken, reason, answer);
    }

    private static ErrorResult Missing(string name, JsonField field, string message) =>
        ErrorCatalogue.MissingFields.AsResult(message, Error(name, field.Complaint));

    private static Dictionary<string, string[]> Error(string name, string sentence) => new() { [name] = [sentence] };

    private static Ok<SuccessEnvelope<IssuedToken>> Granted(IssuedToken token) =>
        TypedResults.Ok(Success.Of("Access token generated successfully.", token));
}
