using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Sessions;

/// <summary>A session that continues.</summary>
/// <param name="Session">The session.</param>
/// <param name="RefreshToken">The current refresh token.</param>
/// <param name="Scope">The scopes of the next access token.</param>
internal sealed record RefreshedSession(Session Session, string RefreshToken, string Scope);

/// <summary>The outcome for a refresh token.</summary>
/// <param name="Session">The session that continues; null where the token was refused.</param>
/// <param name="ExceedsGrant">Whether the request asked for more than was granted. The token is valid, and not used up.</param>
internal readonly record struct RefreshOutcome(RefreshedSession? Session, bool ExceedsGrant = false);

/// <summary>
/// Exchanges a refresh token for its successor (RFC 9700, section 4.14.2). The row of the session is locked meanwhile: of
/// concurrent requests one creates the successor, and the others get the same one.
/// </summary>
internal sealed class Refresh(
    IdentityDb db, RevocationStore revocations, TokenHolder holder, AuditLog audit, IOptions<SessionOptions> options, TimeProvider clock)
{
    /// <summary>Continues the session of a refresh token, if the token is valid.</summary>
    /// <param name="token">The token that the client presents.</param>
    /// <param name="clientId">The client, which must be the client of the sign-in.</param>
    /// <param name="scope">A part of the granted scopes, or null for all of them.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
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
        // 1. Lock the family. The token is read afterwards, so that a concurrent request has finished with it.
        var (hash, now) = (RefreshTokenFormat.Hash(token), clock.GetUtcNow());
        var session = await db.Sessions.FromSql(
            $"SELECT * FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = {hash}) FOR UPDATE")
            .AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (session is null || session.ExpiresAt <= now)
            return default;

        var stored = await db.RefreshTokens.AsNoTracking().SingleAsync(known => known.Hash == hash, cancellationToken);
        if (session.ClientId != clientId && stored.UsedAt is null)
            return default;

        var user = await db.Users.AsNoTracking().SingleAsync(owner => owner.Id == session.UserId, cancellationToken);
        if (user.DisabledAt is not null)
            return default;

        // 2. Two parties have the token, and one of them is a thief. They cannot be told apart, so the session ends for both.
        var party = holder.MarkOf(token);
        var difference = stored.UsedAt is null ? null : TokenHolder.Difference(stored.UsedBy, party);
        if (stored.UsedAt is not null && IsInTwoHands(stored, now, session.ClientId == clientId, difference is null))
        {
            await EndAsync(session, cancellationToken);
            return (default, session.Id);
        }

        // 3. Used within the grace: the client got no answer, and gets the same one again. If the successor was used meanwhile,
        // the client did get it.
        if (stored is { UsedAt: not null, SealedSuccessor: null })
            return default;

        // 4. Grant what the user granted and may still grant: the role may have changed. A client that asks for more keeps its
        // token (RFC 6749, section 5.2).
        if (GrantedScopes.Narrow(scope, GrantedScopes.Of(session, user)) is not { } narrowed)
            return (new(null, ExceedsGrant: true), null);

        // 5. Return the same successor again, or a new one for the current token of the family. A client may have changed its
        // network. If it is another party, both have the successor now, and the second one to present it ends the session.
        if (difference is not null)
            await NoteSharedAsync(session, difference, cancellationToken);
        var successor = stored.SealedSuccessor is { } box
            ? RefreshTokenFormat.Open(box, token)
            : await SucceedAsync(session, token, hash, party, now, cancellationToken);
        return (new(new(session, successor, GrantedScopes.Now(user, narrowed))), null);
    }

    // A used token is in two hands if it comes after the grace, from another client, or from another party although the client got
    // its answer. The client did where the token is shared already, or where its successor was used.
    private bool IsInTwoHands(RefreshToken used, DateTimeOffset now, bool isSameClient, bool isSameParty) =>
        now - used.UsedAt > options.Value.Grace || !isSameClient || (!isSameParty && (used.Shared || used.SealedSuccessor is null));

    private async Task NoteSharedAsync(Session session, string difference, CancellationToken cancellationToken)
    {
        var noted = await db.Database.ExecuteSqlAsync(
            $"UPDATE refresh_tokens SET shared = true WHERE session_id = {session.Id} AND used_at IS NULL AND NOT shared", cancellationToken);
        if (noted == 0)
            return; // further repeats add nothing to the log

        await audit.RecordAsync(AuditKinds.RefreshRepeated, AuditOutcomes.Success, actor: null, session.UserId,
            new Dictionary<string, string> { ["session"] = session.Id, ["differs"] = difference }, cancellationToken);
    }

    private async Task<string> SucceedAsync(
        Session session, string token, byte[] hash, byte[] party, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var successor = RefreshTokenFormat.New();
        var idle = now + options.Value.IdleLifetime;
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE refresh_tokens SET used_at = coalesce(used_at, {now}), used_by = CASE WHEN hash = {hash} THEN {party} ELSE used_by END,
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
