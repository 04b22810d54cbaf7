using KvAspire.Identity.Sessions;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tokens;

/// <summary>The tokens of users who sign in, and of those who stay signed in.</summary>
internal sealed class UserTokens(SessionStore sessions, Refresh refresh, TokenIssuer issuer)
{
    /// <summary>Begins a session. Null where the user was changed since the password was checked.</summary>
    public async Task<IssuedToken?> SignInAsync(
        User user, string clientId, string scope, string? userAgent, CancellationToken cancellationToken) =>
        await sessions.StartAsync(user, clientId, scope, userAgent, cancellationToken) is { } session
            ? issuer.Issue(new(user.Id, clientId, scope, session.SessionId), session.RefreshToken)
            : null;

    /// <summary>Goes on with a session. Null where the refresh token is not good for one.</summary>
    /// <param name="refreshToken">What the client presents.</param>
    /// <param name="clientId">The client, which must be the one that the user signed in with.</param>
    /// <param name="scope">Less than was granted, or null for all of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IssuedToken?> RefreshAsync(string? refreshToken, string clientId, string? scope, CancellationToken cancellationToken)
    {
        if (await refresh.AttemptAsync(refreshToken, clientId, cancellationToken) is not { } living)
            return null;

        // What was granted then and may still be granted now: a role may have been taken meanwhile.
        var granted = GrantedScopes.Common(GrantedScopes.Parse(living.Session.Scope), GrantedScopes.Of(living.User));
        return GrantedScopes.Narrow(scope, granted) is { } narrowed
            ? issuer.Issue(new(living.User.Id, clientId, narrowed, living.Session.Id), living.RefreshToken)
            : null;
    }
}
