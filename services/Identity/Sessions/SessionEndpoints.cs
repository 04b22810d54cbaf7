using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Identity.Sessions;

/// <summary>Signing out, and a user's own sessions.</summary>
internal static class SessionEndpoints
{
    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder routes)
    {
        var account = routes.MapGroup("/api").RequireAuthorization(Scopes.AccountPolicy);
        account.MapPost("logout", SignOutAsync).Describe(SessionsDescription.SignOut);
        account.MapGet("account/sessions", ListAsync).Describe(SessionsDescription.List);
        account.MapDelete("account/sessions/{id}", EndAsync).Describe(SessionsDescription.End);
        return routes;
    }

    // The presented token ends with its session, as every other of the session does.
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
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(Success.Of(null, new SessionList([.. living.Select(session => new SessionInfo(
            session.Id, session.ClientId, session.Scope, session.UserAgent, session.CreatedAt, session.LastUsedAt, session.ExpiresAt,
            session.Id == token.SessionId))])));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> EndAsync(
        string id, HttpContext http, SessionStore sessions, CancellationToken cancellationToken) =>
        Guid.TryParseExact(id, "D", out _) && await sessions.EndAsync(http.User.Token.Subject, id, cancellationToken)
            ? TypedResults.Ok(Success.Of("Session ended successfully."))
            : ErrorCatalogue.NotFound.AsResult();
}

/// <summary>A session as its user sees it.</summary>
/// <param name="SessionId">Its id: the <c>sid</c> of its access tokens.</param>
/// <param name="ClientId">The client that the user signed in with.</param>
/// <param name="Scope">What the user granted it.</param>
/// <param name="UserAgent">What that client called itself.</param>
/// <param name="CreatedAt">When the user signed in.</param>
/// <param name="LastUsedAt">When it was last refreshed.</param>
/// <param name="ExpiresAt">When it ends unless it is refreshed before.</param>
/// <param name="Current">Whether it is the one that asks.</param>
public sealed record SessionInfo(
    string SessionId, string ClientId, string Scope, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt, bool Current);

/// <summary>The sessions of a user, newest first.</summary>
/// <param name="Items">Those that have not ended.</param>
public sealed record SessionList(IReadOnlyList<SessionInfo> Items);
