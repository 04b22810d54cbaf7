using Duende.IdentityModel;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tokens;

/// <summary>Issues the tokens of users' sessions.</summary>
internal sealed class UserTokens(SessionStore sessions, Refresh refresh, TokenIssuer issuer, IssuanceMetrics metrics)
{
    /// <summary>Begins a session. Null where the user or the client changed since their secrets were checked.</summary>
    public async Task<IssuedToken?> SignInAsync(
        User user, string clientId, bool clientIsStored, string scope, string? userAgent, CancellationToken cancellationToken)
    {
        if (await sessions.StartAsync(user, clientId, clientIsStored, scope, userAgent, cancellationToken) is not { } session)
            return null;

        metrics.Issue(OidcConstants.GrantTypes.Password);
        return issuer.Issue(new(user.Id, clientId, GrantedScopes.Now(user, scope), session.SessionId, AuthTime: session.AuthTime), session.RefreshToken);
    }

    /// <summary>Continues a session: see <see cref="Refresh.AttemptAsync"/>.</summary>
    /// <returns>The tokens, or null, and whether the request asked for more than was granted.</returns>
    public async Task<(IssuedToken? Token, bool ExceedsGrant)> RefreshAsync(
        string? refreshToken, string clientId, string? scope, CancellationToken cancellationToken)
    {
        var outcome = await refresh.AttemptAsync(refreshToken, clientId, scope, cancellationToken);
        if (outcome.Session is not { } living)
            return (null, outcome.ExceedsGrant);

        metrics.Issue(OidcConstants.GrantTypes.RefreshToken);
        return (issuer.Issue(Content(living, clientId), living.RefreshToken), false);
    }

    // A session of the release before began with its sign-in.
    private static TokenContent Content(RefreshedSession living, string clientId) => new(
        living.Session.UserId, clientId, living.Scope, living.Session.Id, AuthTime: living.Session.AuthTime ?? living.Session.CreatedAt);
}
