using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Sessions;

/// <summary>A session that began.</summary>
/// <param name="SessionId">The <c>sid</c> of the access tokens.</param>
/// <param name="RefreshToken">The first refresh token.</param>
/// <param name="AuthTime">The time of the sign-in.</param>
internal sealed record LivingSession(string SessionId, string RefreshToken, DateTimeOffset AuthTime);

/// <summary>
/// The sessions of users. The statement that ends a session also revokes its access tokens, and every service learns of that
/// within seconds.
/// </summary>
internal sealed class SessionStore(
    IdentityDb db, RevocationStore revocations, AuditLog audit, IOptions<SessionOptions> options, TimeProvider clock)
{
    private const int MaxUserAgent = 200;

    /// <summary>
    /// Begins a session. Null where the user changed since <paramref name="user"/> was read: a change of what a user may do first
    /// changes the security stamp and then ends the sessions, so that no sign-in in progress survives it. Null as well where a
    /// client of the database was disabled or deleted since it authenticated.
    /// </summary>
    public async Task<LivingSession?> StartAsync(
        User user, string clientId, bool clientIsStored, string scope, string? userAgent, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString();
        var token = RefreshTokenFormat.New();
        var agent = Printable(userAgent);

        // FOR SHARE waits for a concurrent change of the user or the client, and then sees it.
        var begun = await db.Database.ExecuteSqlAsync(
            $"""
            WITH client AS (SELECT id FROM clients WHERE id = {clientId} AND NOT disabled FOR SHARE),
            living AS (SELECT id FROM users WHERE id = {user.Id} AND security_stamp IS NOT DISTINCT FROM {user.SecurityStamp} FOR SHARE),
            begun AS (
                INSERT INTO sessions (id, user_id, client_id, scope, user_agent, created_at, auth_time, last_used_at, expires_at, ends_at)
                SELECT {id}, living.id, {clientId}, {scope}, {agent}, {now}, {now}, {now}, {now + options.Value.IdleLifetime}, {now + options.Value.AbsoluteLifetime}
                FROM living WHERE {!clientIsStored} OR EXISTS (SELECT FROM client) RETURNING id)
            INSERT INTO refresh_tokens (hash, session_id) SELECT {RefreshTokenFormat.Hash(token)}, id FROM begun
            """, cancellationToken);
        if (begun == 0)
            return null;

        await revocations.DeleteAsync(
            $"""
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE user_id = {user.Id} ORDER BY id DESC OFFSET {options.Value.MaxPerUser})
            """, cancellationToken);
        return new(id, token, now);
    }

    /// <summary>The sessions of a user, newest first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(string userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Sessions.AsNoTracking()
            .Where(session => session.UserId == userId && session.ExpiresAt > now)
            .OrderByDescending(session => session.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// The session of a refresh token: the current one, or within the grace its predecessor, which a client without an answer
    /// still presents. Null for any other text.
    /// </summary>
    public async Task<Session?> FindAsync(string refreshToken, CancellationToken cancellationToken)
    {
        if (!RefreshTokenFormat.IsPlausible(refreshToken))
            return null;

        var (hash, now) = (RefreshTokenFormat.Hash(refreshToken), clock.GetUtcNow());
        var graceBegan = now - options.Value.Grace;
        return await db.RefreshTokens.AsNoTracking()
            .Where(token => token.Hash == hash)
            .Where(token => token.UsedAt == null || (token.UsedAt >= graceBegan && token.SealedSuccessor != null))
            .Join(db.Sessions.Where(session => session.ExpiresAt > now), token => token.SessionId, session => session.Id, (_, session) => session)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Ends one session of a user.</summary>
    /// <returns>Whether there was such a session.</returns>
    public async Task<bool> EndAsync(string userId, string sessionId, CancellationToken cancellationToken)
    {
        var ended = await db.InTransactionAsync(async token =>
        {
            var sessions = await revocations.DeleteAsync($"DELETE FROM sessions WHERE id = {sessionId} AND user_id = {userId}", token);
            if (sessions.Count > 0)
                audit.Add(AuditKinds.SessionEnded, AuditOutcomes.Success, userId, sessionId);
            return sessions;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended); // after the commit
        return ended.Count > 0;
    }

    /// <summary>
    /// Ends the sessions of a user, except one if given. Change the user's security stamp first (see <see cref="StartAsync"/>).
    /// <see cref="RevocationStore.RevokeSubjectAsync"/> ends the tokens of API keys as well.
    /// </summary>
    /// <returns>The number of ended sessions.</returns>
    public async Task<int> RevokeAllAsync(string userId, string? exceptSessionId, CancellationToken cancellationToken) =>
        (await revocations.DeleteAsync(
            $"DELETE FROM sessions WHERE user_id = {userId} AND id <> {exceptSessionId ?? ""}", cancellationToken)).Count;

    /// <summary>
    /// Deletes expired sessions once their last access token has expired, because it may have to be revoked until then. Deletes
    /// the oldest used tokens of sessions with too many.
    /// </summary>
    /// <returns>The number of deleted sessions and tokens.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var past = clock.GetUtcNow() - revocations.Reach;
        var expired = await db.Sessions.Where(session => session.ExpiresAt < past).ExecuteDeleteAsync(cancellationToken);

        return expired + await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM refresh_tokens WHERE hash IN (
                SELECT hash FROM (
                    SELECT hash, row_number() OVER (PARTITION BY session_id ORDER BY used_at DESC) AS place FROM refresh_tokens
                    WHERE used_at IS NOT NULL AND session_id IN (
                        SELECT session_id FROM refresh_tokens GROUP BY session_id HAVING count(*) > {options.Value.MaxUsedTokens} + 1)) AS used
                WHERE place > {options.Value.MaxUsedTokens})
            """, cancellationToken);
    }

    private static string? Printable(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : new([.. text.Where(c => c is >= ' ' and <= '~').Take(MaxUserAgent)]);
}
