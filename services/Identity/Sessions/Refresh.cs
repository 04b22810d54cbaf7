using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Sessions;

/// <summary>A session that goes on.</summary>
/// <param name="Session">The session.</param>
/// <param name="RefreshToken">Its living refresh token.</param>
/// <param name="Scope">What its next access token grants.</param>
internal sealed record RefreshedSession(Session Session, string RefreshToken, string Scope);

/// <summary>What came of a refresh token.</summary>
/// <param name="Session">The session that goes on; null where it was refused.</param>
/// <param name="ExceedsGrant">Whether the token is good, but more was asked for than was granted; it is not used up then.</param>
internal readonly record struct RefreshOutcome(RefreshedSession? Session, bool ExceedsGrant = false);

/// <summary>
/// Takes a refresh token and gives its successor (RFC 9700, section 4.14.2). The row of the session is locked meanwhile,
/// so that of many at once one makes the successor and the rest are given the same.
/// </summary>
internal sealed class Refresh(
    IdentityDb db, RevocationStore revocations, AuditLog audit, IOptions<SessionOptions> options, TimeProvider clock)
{
    /// <summary>The session with its next refresh token, unless the token is not, or no longer, good for one.</summary>
    /// <param name="token">What the client presents.</param>
    /// <param name="clientId">The client, which must be the one that the user signed in with.</param>
    /// <param name="scope">Less than was granted, or null for all of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RefreshOutcome> AttemptAsync(string? token, string clientId, string? scope, CancellationToken cancellationToken)
    {
        if (!RefreshTokenFormat.IsPlausible(token))
            return default;

        string? ended = null;
        var refreshed = await db.InTransactionAsync(async cancel =>
        {
            (var outcome, ended) = await AttemptLockedAsync(token, clientId, scope, cancel);
            return outcome;
        }, cancellationToken);

        if (ended is not null)
            revocations.Announce(RevocationKinds.Session, ended);
        return refreshed;
    }

    private async Task<(RefreshOutcome Outcome, string? Ended)> AttemptLockedAsync(
        string token, string clientId, string? scope, CancellationToken cancellationToken)
    {
        // 1. The lock of the family; what is read of the token afterwards is what the last holder left.
        var (hash, now) = (RefreshTokenFormat.Hash(token), clock.GetUtcNow());
        var session = await db.Sessions.FromSql(
            $"SELECT * FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = {hash}) FOR UPDATE")
            .AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (session is null || session.ClientId != clientId || session.ExpiresAt <= now)
            return default;

        var stored = await db.RefreshTokens.AsNoTracking().SingleAsync(known => known.Hash == hash, cancellationToken);
        var user = await db.Users.AsNoTracking().SingleAsync(owner => owner.Id == session.UserId, cancellationToken);
        if (user.DisabledAt is not null)
            return default;

        // 2. Used before, and not a moment ago: two have it, and one of them is a thief. Who is who cannot be told, so it ends
        // for both.
        if (now - stored.UsedAt > options.Value.Grace)
        {
            await EndAsync(session, cancellationToken);
            return (default, session.Id);
        }

        // 3. Used a moment ago: a client that got no answer, and is given the same one again. If the successor was used
        // meanwhile then the client did get it.
        if (stored is { UsedAt: not null, SealedSuccessor: null })
            return default;

        // 4. What was granted then and may still be granted now: a role may have been taken meanwhile. A client that asks for
        // more keeps its token (RFC 6749, section 5.2).
        var granted = GrantedScopes.Common(GrantedScopes.Parse(session.Scope), GrantedScopes.Of(user));
        if (GrantedScopes.Narrow(scope, granted) is not { } narrowed)
            return (new(null, ExceedsGrant: true), null);

        // 5. The successor: the same again, or a new one where this is the living token of the family.
        var successor = stored.SealedSuccessor is { } box
            ? RefreshTokenFormat.Open(box, token)
            : await SucceedAsync(session, token, hash, now, cancellationToken);
        return (new(new(session, successor, narrowed)), null);
    }

    private async Task<string> SucceedAsync(Session session, string token, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var successor = RefreshTokenFormat.New();
        var idle = now + options.Value.IdleLifetime;
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE refresh_tokens SET used_at = coalesce(used_at, {now}),
                sealed_successor = CASE WHEN hash = {hash} THEN {RefreshTokenFormat.Seal(successor, token)} END
                WHERE session_id = {session.Id} AND (hash = {hash} OR sealed_successor IS NOT NULL);
            INSERT INTO refresh_tokens (hash, session_id) VALUES ({RefreshTokenFormat.Hash(successor)}, {session.Id});
            UPDATE sessions SET last_used_at = {now}, expires_at = {(idle < session.EndsAt ? idle : session.EndsAt)} WHERE id = {session.Id}
            """, cancellationToken);
        return successor;
    }

    private async Task EndAsync(Session session, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM sessions WHERE id = {session.Id};
            INSERT INTO revocations (kind, value, until) VALUES ({RevocationKinds.Session}, {session.Id}, {revocations.Until})
            """, cancellationToken);
        await audit.RecordAsync(AuditKinds.RefreshReused, AuditOutcomes.Failure, actor: null, session.UserId,
            new Dictionary<string, string> { ["session"] = session.Id }, cancellationToken);
    }
}
