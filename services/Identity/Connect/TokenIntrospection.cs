using KvAspire.Identity.Clients;
using KvAspire.Identity.Sessions;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Connect;

/// <summary>
/// <c>POST /connect/introspect</c> (RFC 7662), for clients that have shown their secret. Of a token that is not valid, or is
/// none of the client's business, it says no more than that it is not active.
/// </summary>
internal static class TokenIntrospection
{
    public static async Task<IResult> IntrospectAsync(
        HttpContext http, ClientStore clients, SessionStore sessions, CheckedTokens checkedTokens, IOptions<AccessTokenOptions> options,
        CancellationToken cancellationToken)
    {
        var (form, unreadable) = await ConnectForm.ReadAsync(http.Request, cancellationToken);
        if (form is null)
            return unreadable!;

        var (caller, refused) = await form.AuthenticateAsync(clients, cancellationToken);
        if (caller?.Client is null)
            return refused ?? OAuthError.InvalidClient;
        if (form["token"] is not { } token)
            return OAuthError.InvalidRequest("token is missing.");

        http.Response.Headers.CacheControl = "no-store";
        if (await sessions.FindAsync(token, cancellationToken) is { } session)
        {
            return TypedResults.Ok(session.ClientId == caller.Id
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

/// <summary>What is known of a token (RFC 7662, section 2.2).</summary>
/// <param name="Active">Whether it is valid. If not, nothing else is told.</param>
/// <param name="Scope">What it grants.</param>
/// <param name="ClientId">The client that it was issued to.</param>
/// <param name="TokenType"><c>Bearer</c>, or <c>refresh_token</c>.</param>
/// <param name="Exp">When it expires, in Unix seconds.</param>
/// <param name="Iat">When it was issued, in Unix seconds.</param>
/// <param name="Sub">Whose it is.</param>
/// <param name="Aud">Whom it is for.</param>
/// <param name="Iss">Who issued it.</param>
/// <param name="Jti">Its id.</param>
/// <param name="Sid">The session that it belongs to.</param>
public sealed record TokenDescription(
    bool Active, string? Scope = null, string? ClientId = null, string? TokenType = null, long? Exp = null, long? Iat = null,
    string? Sub = null, string? Aud = null, string? Iss = null, string? Jti = null, string? Sid = null);
