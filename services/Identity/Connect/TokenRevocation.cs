using KvAspire.Identity.Audit;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Connect;

/// <summary><c>POST /connect/revocation</c> (RFC 7009). A refresh token takes its session with it, an access token only itself.</summary>
internal static class TokenRevocation
{
    public static async Task<IResult> RevokeAsync(
        HttpContext http, ClientStore clients, SessionStore sessions, CheckedTokens checkedTokens, RevocationStore revocations, AuditLog audit,
        CancellationToken cancellationToken)
    {
        var (form, unreadable) = await ConnectForm.ReadAsync(http.Request, cancellationToken);
        if (form is null)
            return unreadable!;

        var (caller, refused) = await form.AuthenticateAsync(clients, cancellationToken);
        if (caller is null)
            return refused!;
        if (form["token"] is not { } token)
            return OAuthError.InvalidRequest("token is missing.");

        // The hint says where to look first; both are told apart by their looks anyway.
        http.Response.Headers.CacheControl = "no-store";
        if (await sessions.FindAsync(token, cancellationToken) is { } session)
        {
            if (session.ClientId != caller.Id)
                return OAuthError.UnauthorizedClient;

            await sessions.EndAsync(session.UserId, session.Id, cancellationToken);
        }
        else if (await checkedTokens.CheckAsync(token, cancellationToken) is { } valid)
        {
            if (valid.ClientId != caller.Id)
                return OAuthError.UnauthorizedClient;

            // The event first: should the rest fail, the client is not told that it succeeded, and asks again.
            await audit.RecordAsync(AuditKinds.TokenRevoked, AuditOutcomes.Success, valid.Subject, valid.Subject, cancellationToken);
            await revocations.RevokeTokenAsync(valid.TokenId, cancellationToken);
        }

        // What is not valid needs no revoking (section 2.2).
        return TypedResults.Ok();
    }
}
