namespace KvAspire.Identity.Sessions;

/// <summary>The endpoints of signing out and of a user's sessions.</summary>
internal static class SessionEndpoints
{
    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder routes)
    {
        // A session that acts on entries only may end itself, as POST /connect/revocation does.
        routes.MapPost("/api/logout", SignOutAsync).RequireAuthorization(Scopes.SessionPolicy).Describe(SessionsDescription.SignOut);

        var sessions = routes.MapGroup("/api/account/sessions").RequireAuthorization(Scopes.Account);
        sessions.MapGet("", ListAsync).Describe(SessionsDescription.List);
        sessions.MapDelete("{id}", EndAsync).Describe(SessionsDescription.End);
        return routes;
    }

    // All tokens of the session end with it, including that of the request.
    private static async Task<Ok<SuccessEnvelope<object>>> SignOutAsync(HttpContext http, SessionStore sessions, CancellationToken cancellationToken)
    {
        var token = http.User.Token;
        await sessions.EndAsync(token.Subject, token.SessionId!, cancellationToken);
        return TypedResults.Ok(Success.Of("Signed out successfully."));
    }

    private static async Task<Ok<SuccessEnvelope<SessionList>>> ListAsync(HttpContext http, SessionStore sessions, CancellationToken cancellationToken)
    {
        var token = http.User.Token;
        var living = await sessions.ListAsync(token.Subject, cancellationToken);
        return TypedResults.Ok(Success.Of(null, new SessionList([.. living.Select(session => new SessionInfo(
            session.Id, session.ClientId, session.Scope, session.UserAgent, session.CreatedAt, session.LastUsedAt, session.ExpiresAt,
            session.Id == token.SessionId))])));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> EndAsync(
        string id, HttpContext http, SessionStore sessions, CancellationToken cancellationToken) =>
        UuidText.Read(id) is { } session && await sessions.EndAsync(http.User.Token.Subject, session, cancellationToken)
            ? TypedResults.Ok(Success.Of("Session ended successfully."))
            : ErrorCatalogue.NotFound.AsResult();
}

/// <summary>A session as its user sees it.</summary>
/// <param name="SessionId">The id: the <c>sid</c> of the access tokens.</param>
/// <param name="ClientId">The client of the sign-in.</param>
/// <param name="Scope">The scopes that the user granted.</param>
/// <param name="UserAgent">The client's <c>User-Agent</c>.</param>
/// <param name="CreatedAt">The time of the sign-in.</param>
/// <param name="LastUsedAt">The time of the last refresh.</param>
/// <param name="ExpiresAt">The end unless the session is refreshed before.</param>
/// <param name="Current">Whether the session is that of the request.</param>
public sealed record SessionInfo(
    [property: Uuid] string SessionId, string ClientId, string Scope, string? UserAgent, DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool Current);

/// <summary>The sessions of a user, newest first.</summary>
/// <param name="Items">The sessions that have not ended.</param>
public sealed record SessionList(IReadOnlyList<SessionInfo> Items);
