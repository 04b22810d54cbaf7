using Duende.IdentityModel;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Clients;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Identity.Connect;

/// <summary><c>POST /connect/token</c> (RFC 6749, sections 4.3, 4.4 and 6).</summary>
internal static class TokenGrants
{
    public static async Task<IResult> GrantAsync(
        HttpContext http, ClientStore clients, SignIn signIn, UserTokens tokens, TokenIssuer issuer, AuditLog audit,
        CancellationToken cancellationToken)
    {
        var (form, unreadable) = await ConnectForm.ReadAsync(http.Request, cancellationToken);
        if (form is null)
            return unreadable!;

        var (caller, refused) = await form.AuthenticateAsync(clients, cancellationToken);
        if (caller is null)
            return refused!;

        http.Response.Headers.CacheControl = "no-store"; // section 5.1
        return form[OidcConstants.TokenRequest.GrantType] switch
        {
            null => OAuthError.InvalidRequest("grant_type is missing."),
            OidcConstants.GrantTypes.ClientCredentials => await ForClientAsync(form, caller, issuer, audit, cancellationToken),
            OidcConstants.GrantTypes.Password => await ForUserAsync(http.Request, form, caller, signIn, tokens, cancellationToken),
            OidcConstants.GrantTypes.RefreshToken => await RefreshAsync(form, caller, tokens, cancellationToken),
            _ => OAuthError.UnsupportedGrantType,
        };
    }

    private static async Task<IResult> ForClientAsync(
        ConnectForm form, Caller caller, TokenIssuer issuer, AuditLog audit, CancellationToken cancellationToken)
    {
        if (caller.Client is not { } client)
            return OAuthError.InvalidClient;
        if (GrantedScopes.Narrow(form[OidcConstants.TokenRequest.Scope], client.Scopes) is not { } scope)
            return OAuthError.InvalidScope;

        await audit.RecordAsync(AuditKinds.ClientSignIn, AuditOutcomes.Success, client.Id, client.Id, cancellationToken);
        return TypedResults.Ok(issuer.Issue(new(client.Id, client.Id, scope)));
    }

    // Only what is our own may handle passwords: our front door, and clients that were registered as such.
    private static async Task<IResult> ForUserAsync(
        HttpRequest request, ConnectForm form, Caller caller, SignIn signIn, UserTokens tokens, CancellationToken cancellationToken)
    {
        if (caller.Client is { FirstParty: false })
            return OAuthError.UnauthorizedClient;
        if (form[OidcConstants.TokenRequest.UserName] is not { } username || form[OidcConstants.TokenRequest.Password] is not { } password)
            return OAuthError.InvalidRequest("username or password is missing.");

        var outcome = await signIn.AttemptAsync(username, password, cancellationToken);
        if (outcome.RetryAfter is { } retryAfter)
            return ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter);
        if (outcome.User is not { } user)
            return OAuthError.InvalidGrant;

        var allowed = GrantedScopes.Of(user);
        if (caller.Client is { } client)
            allowed = GrantedScopes.Common(allowed, client.Scopes);
        if (GrantedScopes.Narrow(form[OidcConstants.TokenRequest.Scope], allowed) is not { } scope)
            return OAuthError.InvalidScope;

        return await tokens.SignInAsync(user, caller.Id, caller.Client is { IsStored: true }, scope, request.Headers.UserAgent, cancellationToken) is { } token
            ? TypedResults.Ok(token)
            : OAuthError.InvalidGrant;
    }

    private static async Task<IResult> RefreshAsync(ConnectForm form, Caller caller, UserTokens tokens, CancellationToken cancellationToken)
    {
        if (form[OidcConstants.TokenRequest.RefreshToken] is not { } refreshToken)
            return OAuthError.InvalidRequest("refresh_token is missing.");

        var (token, exceedsGrant) = await tokens.RefreshAsync(refreshToken, caller.Id, form[OidcConstants.TokenRequest.Scope], cancellationToken);
        return token is not null ? TypedResults.Ok(token)
            : exceedsGrant ? OAuthError.InvalidScope
            : OAuthError.InvalidGrant;
    }
}
