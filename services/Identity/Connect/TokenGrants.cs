using Duende.IdentityModel;
using KvAspire.Identity.Clients;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Connect;

/// <summary><c>POST /connect/token</c> (RFC 6749, sections 4.3, 4.4 and 6; RFC 8707).</summary>
internal static class TokenGrants
{
    public static async Task<IResult> GrantAsync(
        HttpContext http, ClientStore clients, SignIn signIn, UserTokens tokens, TokenIssuer issuer, IssuanceMetrics metrics,
        IOptions<AccessTokenOptions> options, CancellationToken cancellationToken)
    {
        var (form, error) = await ConnectForm.ReadAsync(http.Request, clients, cancellationToken);
        if (form is null)
            return metrics.Refuse(IssuanceMetrics.OtherGrant, error!.Code, error);
        if (!form.IsFor(options.Value.Issuer))
            return Refuse(IssuanceMetrics.OtherGrant, OAuthError.InvalidTarget);

        return form[OidcConstants.TokenRequest.GrantType] switch
        {
            null => Refuse(IssuanceMetrics.OtherGrant, OAuthError.InvalidRequest("grant_type is missing.")),
            OidcConstants.GrantTypes.ClientCredentials => await ForClientAsync(form, clients, issuer, metrics, cancellationToken),
            OidcConstants.GrantTypes.Password => await ForUserAsync(http.Request, form, signIn, tokens, metrics, cancellationToken),
            OidcConstants.GrantTypes.RefreshToken => await RefreshAsync(form, tokens, metrics, cancellationToken),
            _ => Refuse(IssuanceMetrics.OtherGrant, OAuthError.UnsupportedGrantType),
        };

        OAuthError Refuse(string grant, OAuthError refusal) => metrics.Refuse(grant, refusal.Code, refusal);
    }

    private static async Task<IResult> ForClientAsync(
        ConnectForm form, ClientStore clients, TokenIssuer issuer, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        if (form.Client is not { } client)
            return Refuse(OAuthError.InvalidClient);
        if (GrantedScopes.Narrow(form[OidcConstants.TokenRequest.Scope], client.Scopes) is not { } scope)
            return Refuse(OAuthError.InvalidScope);

        if (await clients.RecordSignInAsync(client, () => issuer.Issue(new(client.Id, client.Id, scope)), cancellationToken) is not { } token)
            return Refuse(OAuthError.InvalidClient);

        metrics.Issue(OidcConstants.GrantTypes.ClientCredentials);
        return TypedResults.Ok(token);

        OAuthError Refuse(OAuthError refusal) => metrics.Refuse(OidcConstants.GrantTypes.ClientCredentials, refusal.Code, refusal);
    }

    // Only first-party clients may handle passwords: the public client, and clients that were registered as such.
    private static async Task<IResult> ForUserAsync(
        HttpRequest request, ConnectForm form, SignIn signIn, UserTokens tokens, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        if (form.Client is { FirstParty: false })
            return Refuse(OAuthError.UnauthorizedClient);
        if (form[OidcConstants.TokenRequest.UserName] is not { } username)
            return Refuse(OAuthError.InvalidRequest("username is missing."));
        if (form[OidcConstants.TokenRequest.Password] is not { } password)
            return Refuse(OAuthError.InvalidRequest("password is missing."));

        var outcome = await signIn.AttemptAsync(username, password, cancellationToken);
        if (outcome.RetryAfter is { } retryAfter)
            return Refuse(OAuthError.TemporarilyUnavailable(retryAfter), outcome.Refusal);
        if (outcome.User is not { } user)
            return Refuse(OAuthError.InvalidGrant, outcome.Refusal);

        var allowed = GrantedScopes.Of(user, form.ClientId);
        if (form.Client is { } client)
            allowed = GrantedScopes.Common(allowed, client.Scopes);
        if (GrantedScopes.Narrow(form[OidcConstants.TokenRequest.Scope], allowed, byDefault: Scopes.OfEntries) is not { } scope)
            return Refuse(OAuthError.InvalidScope);

        return await tokens.SignInAsync(user, form.ClientId, form.Client is { IsStored: true }, scope, request.Headers.UserAgent, cancellationToken) is { } token
            ? TypedResults.Ok(token)
            : Refuse(OAuthError.InvalidGrant, IssuanceMetrics.InvalidCredentials);

        OAuthError Refuse(OAuthError refusal, string? reason = null) =>
            metrics.Refuse(OidcConstants.GrantTypes.Password, reason ?? refusal.Code, refusal);
    }

    private static async Task<IResult> RefreshAsync(ConnectForm form, UserTokens tokens, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        if (form[OidcConstants.TokenRequest.RefreshToken] is not { } refreshToken)
            return Refuse(OAuthError.InvalidRequest("refresh_token is missing."));

        var (token, exceedsGrant) = await tokens.RefreshAsync(refreshToken, form.ClientId, form[OidcConstants.TokenRequest.Scope], cancellationToken);
        return token is not null ? TypedResults.Ok(token)
            : exceedsGrant ? Refuse(OAuthError.InvalidScope)
            : Refuse(OAuthError.InvalidGrant, IssuanceMetrics.InvalidCredentials);

        OAuthError Refuse(OAuthError refusal, string? reason = null) =>
            metrics.Refuse(OidcConstants.GrantTypes.RefreshToken, reason ?? refusal.Code, refusal);
    }
}
