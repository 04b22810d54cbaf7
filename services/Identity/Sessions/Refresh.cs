using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Sessions;

/// <summary>A session that goes on.</summary>
internal sealed record RefreshedSession(Session Session, User User, string RefreshToken);

/// <summary>
/// Takes a refresh token and gives its successor (RFC 9700, section 4.14.2). The row of the session is locked meanwhile,
/// so that of many at once one makes the successor and the rest are given the same.
/// </summary>
internal sealed class Refresh(
    IdentityDb db, RevocationStore revocations, AuditLog audit, IOptions<SessionOptions> options, TimeProvider clock)
{
    /// <summary>The session with its next refresh token; null where the token is not, or no longer, good for one.</summary>
    public async Task<RefreshedSession?> AttemptAsync(string? token, string clientId, CancellationToken cancellationToken)
    {
        if (!RefreshTokenFormat.IsPlausible(token))
            return null;

        string? ended = null;
        var refreshed = await db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            (var outcome, ended) = await AttemptLockedAsync(token, clientId, cancel);
            await transaction.CommitAsync(cancel);
            return outcome;
        }, cancellationToken);

        if (ended is not null)
            revocations.Announce(RevocationKinds.Session, ended);
        return refreshed;
    }

    private async Task<(RefreshedSession? Refreshed, string? Ended)> AttemptLockedAsync(
        string token, string clientId, CancellationToken cancellationToken)
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

        // 2. The living token of the family.
        if (stored.UsedAt is not { } usedAt)
            return (new(session, user, await SucceedAsync(session, token, hash, now, cancellationToken)), null);

        // 3. Used before, a moment ago: a client that got no answer, and is given the same one again. If the successor was
        // used meanwhile then the client did get it.
        if (now - usedAt <= options.Value.Grace)
            return stored.SealedSuccessor is { } box ? (new(session, user, RefreshTokenFormat.Open(box, token)), null) : default;

        // 4. Used before: two have it, and one of them is a thief. Who is who cannot be told, so it ends for both.
        await EndAsync(session, cancellationToken);
        return (null, session.Id);
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
