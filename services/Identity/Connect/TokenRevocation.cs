using KvAspire.Identity.Audit;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;

namespace KvAspire.Identity.Connect;

/// <summary>
/// <c>POST /connect/revocation</c> (RFC 7009). Revoking a refresh token ends its session, revoking an access token ends that
/// token.
/// </summary>
internal static class TokenRevocation
{
    public static async Task<IResult> RevokeAsync(
        HttpContext http, ClientStore clients, SessionStore sessions, CheckedTokens checkedTokens, RevocationStore revocations, AuditLog audit,
        CancellationToken cancellationToken)
    {
        var (form, error) = await ConnectForm.ReadAsync(http.Request, clients, cancellationToken);
        if (form is null)
            return error!;
        if (form["token"] is not { } token)
            return OAuthError.InvalidRequest("token is missing.");

        // token_type_hint is not needed: the two kinds of tokens differ in form.
        if (await sessions.FindAsync(token, cancellationToken) is { } session)
        {
            if (session.ClientId != form.ClientId)
                return OAuthError.UnauthorizedClient;

            await sessions.EndAsync(session.UserId, session.Id, cancellationToken);
        }
        else if (await checkedTokens.CheckAsync(token, cancellationToken) is { } valid)
        {
            if (valid.ClientId != form.ClientId)
                return OAuthError.UnauthorizedClient;

            // The event comes first: if the revocation fails, the client gets an error and asks again.
            await audit.RecordAsync(AuditKinds.TokenRevoked, AuditOutcomes.Success, valid.Subject, valid.Subject, cancellationToken);
            await revocations.RevokeTokenAsync(valid.TokenId, cancellationToken);
        }

        // A token that is not valid needs no revocation (section 2.2).
        return TypedResults.Ok();
    }
}
