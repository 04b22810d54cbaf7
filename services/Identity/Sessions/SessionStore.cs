using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Sessions;

/// <summary>A session that began or went on.</summary>
/// <param name="SessionId">The <c>sid</c> of its access tokens.</param>
/// <param name="RefreshToken">The family's living refresh token.</param>
internal sealed record LivingSession(string SessionId, string RefreshToken);

/// <summary>
/// The sessions of users. Whatever ends a session revokes its access tokens in the same statement, and every service
/// learns of that within seconds.
/// </summary>
internal sealed class SessionStore(
    IdentityDb db, RevocationStore revocations, AuditLog audit, IOptions<SessionOptions> options, TimeProvider clock)
{
    private const int MaxUserAgent = 200;

    /// <summary>
    /// Begins a session. Null where the user was changed since <paramref name="user"/> was read (another security stamp, or
    /// gone): whoever changes what a user may do changes the stamp first and then ends the sessions, so that a sign-in
    /// that is under way meanwhile cannot survive it. Null as well where the client was disabled or removed since it
    /// authenticated, which <paramref name="clientIsStored"/> tells to look for.
    /// </summary>
    public async Task<LivingSession?> StartAsync(
        User user, string clientId, bool clientIsStored, string scope, string? userAgent, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString();
        var token = RefreshTokenFormat.New();
        var agent = Printable(userAgent);

        // FOR SHARE waits for whoever is changing the user or the client, and then sees the change.
        var begun = await db.Database.ExecuteSqlAsync(
            $"""
            WITH client AS (SELECT id FROM clients WHERE id = {clientId} AND NOT disabled FOR SHARE),
            living AS (SELECT id FROM users WHERE id = {user.Id} AND security_stamp IS NOT DISTINCT FROM {user.SecurityStamp} FOR SHARE),
            begun AS (
                INSERT INTO sessions (id, user_id, client_id, scope, user_agent, created_at, last_used_at, expires_at, ends_at)
                SELECT {id}, living.id, {clientId}, {scope}, {agent}, {now}, {now}, {Sliding(now, now)}, {now + options.Value.AbsoluteLifetime}
                FROM living WHERE {!clientIsStored} OR EXISTS (SELECT FROM client) RETURNING id)
            INSERT INTO refresh_tokens (hash, session_id) SELECT {RefreshTokenFormat.Hash(token)}, id FROM begun
            """, cancellationToken);
        if (begun == 0)
            return null;

        await EndSurplusAsync(user.Id, cancellationToken);
        return new(id, token);
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
    /// The session that a refresh token is good for, or null: with the living one, and within the grace with the one before
    /// it, for that may be all that a client has which got no answer.
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
    /// <returns>Whether there was one.</returns>
    public async Task<bool> EndAsync(string userId, string sessionId, CancellationToken cancellationToken)
    {
        var ended = await db.InTransactionAsync(async token =>
        {
            var sessions = await EndAsync(
                $"""
                WITH ended AS (DELETE FROM sessions WHERE id = {sessionId} AND user_id = {userId} RETURNING id)
                INSERT INTO revocations (kind, value, until) SELECT {RevocationKinds.Session}, id, {revocations.Until} FROM ended RETURNING value AS "Value"
                """, token);
            if (sessions.Count > 0)
                audit.Add(AuditKinds.SessionEnded, AuditOutcomes.Success, userId, sessionId);
            return sessions;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended); // inside of the transaction it is not: that may yet be rolled back
        return ended.Count > 0;
    }

    /// <summary>
    /// Ends the sessions of a user, all or all but one. Change the user's security stamp first (see
    /// <see cref="StartAsync"/>). Where API keys must end as well, <see cref="RevocationStore.RevokeSubjectAsync"/> ends
    /// every token of the user.
    /// </summary>
    /// <returns>How many ended.</returns>
    public async Task<int> RevokeAllAsync(string userId, string? exceptSessionId, CancellationToken cancellationToken)
    {
        var ended = await EndAsync(
            $"""
            WITH ended AS (DELETE FROM sessions WHERE user_id = {userId} AND id <> {exceptSessionId ?? ""} RETURNING id)
            INSERT INTO revocations (kind, value, until) SELECT {RevocationKinds.Session}, id, {revocations.Until} FROM ended RETURNING value AS "Value"
            """, cancellationToken);
        return ended.Count;
    }

    /// <summary>
    /// Deletes what has expired by itself, once its last access token has (until then it may have to be revoked), and of
    /// sessions that are refreshed all the time the oldest of the used tokens.
    /// </summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var past = clock.GetUtcNow() - revocations.Reach;
        await db.Sessions.Where(session => session.ExpiresAt < past).ExecuteDeleteAsync(cancellationToken);

        await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM refresh_tokens WHERE hash IN (
                SELECT hash FROM (
                    SELECT hash, row_number() OVER (PARTITION BY session_id ORDER BY used_at DESC) AS place FROM refresh_tokens
                    WHERE used_at IS NOT NULL AND session_id IN (
                        SELECT session_id FROM refresh_tokens GROUP BY session_id HAVING count(*) > {options.Value.MaxUsedTokens} + 1)) AS used
                WHERE place > {options.Value.MaxUsedTokens})
            """, cancellationToken);
    }

    private Task<List<string>> EndSurplusAsync(string userId, CancellationToken cancellationToken) => EndAsync(
        $"""
        WITH ended AS (
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE user_id = {userId} ORDER BY id DESC OFFSET {options.Value.MaxPerUser})
            RETURNING id)
        INSERT INTO revocations (kind, value, until) SELECT {RevocationKinds.Session}, id, {revocations.Until} FROM ended RETURNING value AS "Value"
        """, cancellationToken);

    private async Task<List<string>> EndAsync(FormattableString sql, CancellationToken cancellationToken)
    {
        var ended = await db.Database.SqlQuery<string>(sql).ToListAsync(cancellationToken);
        revocations.Announce(RevocationKinds.Session, ended);
        return ended;
    }

    private DateTimeOffset Sliding(DateTimeOffset now, DateTimeOffset begun)
    {
        var (idle, end) = (now + options.Value.IdleLifetime, begun + options.Value.AbsoluteLifetime);
        return idle < end ? idle : end;
    }

    private static string? Printable(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : new([.. text.Where(c => c is >= ' ' and <= '~').Take(MaxUserAgent)]);
}
