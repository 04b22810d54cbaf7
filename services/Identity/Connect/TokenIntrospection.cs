using KvAspire.Identity.Clients;
using KvAspire.Identity.Sessions;

namespace KvAspire.Identity.Connect;

/// <summary>
/// <c>POST /connect/introspect</c> (RFC 7662), for clients that serve our audience. The answer to any other client, about a token
/// that is not valid, or about a refresh token of another client says only that the token is not active (section 2.2).
/// </summary>
internal static class TokenIntrospection
{
    public static async Task<IResult> IntrospectAsync(
        HttpContext http, ClientStore clients, SessionStore sessions, CheckedTokens checkedTokens, IntrospectionBudget budget,
        IOptions<AccessTokenOptions> options, CancellationToken cancellationToken)
    {
        var (form, error) = await ConnectForm.ReadAsync(http.Request, clients, cancellationToken);
        if (form?.Client is not { } client)
            return error ?? OAuthError.InvalidClient;
        if (budget.Take(client.Id) is { } wait)
            return ErrorCatalogue.RateLimited.AsResult(retryAfter: wait, reason: "the client introspects too often");
        if (form["token"] is not { } token)
            return OAuthError.InvalidRequest("token is missing.");

        // All our tokens have one audience, which the check of a token demands.
        if (!client.Audiences.Contains(options.Value.Audience))
            return TypedResults.Ok(new TokenDescription(false));

        if (await sessions.FindAsync(token, cancellationToken) is { } session)
        {
            return TypedResults.Ok(session.ClientId == form.ClientId
                ? new TokenDescription(true, session.Scope, session.ClientId, "refresh_token", session.ExpiresAt.ToUnixTimeSeconds(),
                    session.LastUsedAt.ToUnixTimeSeconds(), session.UserId, Iss: options.Value.Issuer, Sid: session.Id)
                : new TokenDescription(false));
        }

        return TypedResults.Ok(await checkedTokens.CheckAsync(token, cancellationToken) is { } valid
            ? new TokenDescription(true, valid.FindFirst("scope")!.Value, valid.ClientId, "Bearer", valid.ExpiresAt, valid.IssuedAt,
                valid.Subject, options.Value.Audience, options.Value.Issuer, valid.TokenId, valid.SessionId)
            : new TokenDescription(false));
    }
}

/// <summary>The state and claims of a token (RFC 7662, section 2.2).</summary>
/// <param name="Active">Whether the token is valid. If not, all other members are left out.</param>
/// <param name="Scope">The granted scopes, separated by spaces.</param>
/// <param name="ClientId">The client that it was issued to.</param>
/// <param name="TokenType"><c>Bearer</c>, or <c>refresh_token</c>.</param>
/// <param name="Exp">The time of expiry, in Unix seconds.</param>
/// <param name="Iat">The time of issue, in Unix seconds.</param>
/// <param name="Sub">The id of the user or client that the token is for.</param>
/// <param name="Aud">The audience.</param>
/// <param name="Iss">The issuer.</param>
/// <param name="Jti">The id of the token.</param>
/// <param name="Sid">The session or API key that the token belongs to.</param>
public sealed record TokenDescription(
    bool Active, string? Scope = null, string? ClientId = null, string? TokenType = null, long? Exp = null, long? Iat = null,
    string? Sub = null, string? Aud = null, string? Iss = null, string? Jti = null, string? Sid = null);
