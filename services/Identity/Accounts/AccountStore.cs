using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KvAspire.Identity.Accounts;

/// <summary>
/// What is done to accounts, by their users and by administrators. Each change is one transaction with the end of the
/// sessions that it costs and with its record in the audit log. An account that is being deleted is not there any more.
/// </summary>
internal sealed class AccountStore(
    IdentityDb db, UserManager<User> users, SessionStore sessions, ApiKeyStore keys, RevocationStore revocations, Lockout lockout,
    AuditLog audit, ErasureSignal signal, TimeProvider clock)
{
    /// <summary>The user of that id, or null.</summary>
    public Task<User?> FindAsync(string id, CancellationToken cancellationToken) => db.Users.AsNoTracking()
        .FirstOrDefaultAsync(user => user.Id == id && !db.Erasures.Any(erasure => erasure.UserId == id), cancellationToken);

    /// <summary>Changes what a user says about themselves.</summary>
    /// <returns>The changed user, or <c>EMAIL_EXISTS</c>; both null where there is no such user.</returns>
    public async Task<(User? User, ApiError? Error)> ChangeProfileAsync(string id, ProfileChange change, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync<(User?, ApiError?)>(id, async (user, token) =>
            {
                change.ApplyTo(user);
                user.NormalizedEmail = users.NormalizeEmail(user.Email);
                await audit.RecordAsync(AuditKinds.ProfileChanged, AuditOutcomes.Success, id, id, token);
                return (user, null);
            }, cancellationToken);
        }
        catch (DbUpdateException exception) when (UserDirectory.Conflict(exception) is { } conflict)
        {
            return (null, conflict);
        }
    }

    /// <summary>Replaces the password, and ends all sessions but the one that asks.</summary>
    /// <returns>Whether it was still the same user that <paramref name="user"/> says.</returns>
    public Task<bool> ChangePasswordAsync(User user, string passwordHash, string? sessionId, CancellationToken cancellationToken) =>
        ChangeAsync(user.Id, async (stored, token) =>
        {
            if (stored.SecurityStamp != user.SecurityStamp)
                return false; // somebody changed the password, or ended all that was, while this one was being hashed

            stored.PasswordHash = passwordHash;
            await RenewStampAsync(stored, token);
            var ended = await sessions.RevokeAllAsync(stored.Id, sessionId, token);
            await audit.RecordAsync(AuditKinds.PasswordChanged, AuditOutcomes.Success, stored.Id, stored.Id, Ended(ended), token);
            return true;
        }, cancellationToken);

    /// <summary>
    /// Promises that the account is deleted: from the moment this returns nobody signs in to it, its tokens and keys end,
    /// and <see cref="ErasureWorker"/> does the rest, whatever dies meanwhile.
    /// </summary>
    /// <returns><c>USER_NOT_FOUND</c>, <c>LAST_ADMIN</c> or null.</returns>
    public async Task<ApiError?> DeleteAsync(string id, string actor, CancellationToken cancellationToken)
    {
        var error = await ChangeAsync(id, async (user, token) =>
        {
            if (await IsLastAdminAsync(user, token))
                return ErrorCatalogue.LastAdmin;

            var now = clock.GetUtcNow();
            user.DisabledAt ??= now;

            // Every token of a user names its session or key. Revoked by those, the revocations say nothing of the user.
            await RenewStampAsync(user, token);
            await sessions.RevokeAllAsync(id, exceptSessionId: null, token);
            await keys.RevokeAllAsync(id, token);
            db.Erasures.Add(new() { UserId = id, RequestedAt = now, DueAt = now });
            await audit.RecordAsync(AuditKinds.ErasureRecorded, AuditOutcomes.Success, actor, id, token);
            return null;
        }, cancellationToken, missing: ErrorCatalogue.UserNotFound);

        if (error is null)
            signal.Raise();
        return error;
    }

    /// <summary>Makes an administrator's change.</summary>
    /// <returns><c>USER_NOT_FOUND</c>, <c>LAST_ADMIN</c> or null.</returns>
    public Task<ApiError?> AdministerAsync(
        string id, string? role, bool? disabled, bool unlock, string actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, async (user, token) =>
        {
            var costsAnAdmin = disabled is true || (role is not null && role != UserRoles.Admin);
            if (costsAnAdmin && await IsLastAdminAsync(user, token))
                return ErrorCatalogue.LastAdmin;

            if (role is not null && role != user.Role)
            {
                audit.Add(AuditKinds.RoleChanged, AuditOutcomes.Success, actor, id, new Dictionary<string, string> { ["from"] = user.Role, ["to"] = role });
                user.Role = role;
                await EndEverythingAsync(user, token); // what the tokens grant is not true any more
            }

            if (disabled is true && user.DisabledAt is null)
            {
                audit.Add(AuditKinds.UserDisabled, AuditOutcomes.Success, actor, id);
                user.DisabledAt = clock.GetUtcNow();
                await EndEverythingAsync(user, token);
            }
            else if (disabled is false && user.DisabledAt is not null)
            {
                audit.Add(AuditKinds.UserEnabled, AuditOutcomes.Success, actor, id);
                user.DisabledAt = null;
            }

            if (unlock && await lockout.UnlockAsync(id, token))
                audit.Add(AuditKinds.UserUnlocked, AuditOutcomes.Success, actor, id);
            return null;
        }, cancellationToken, missing: ErrorCatalogue.UserNotFound);

    /// <summary>Ends every session, every token and every API key of a user.</summary>
    /// <returns><c>USER_NOT_FOUND</c> or null.</returns>
    public Task<ApiError?> RevokeAsync(string id, string actor, CancellationToken cancellationToken) =>
        ChangeAsync<ApiError?>(id, async (user, token) =>
        {
            var ended = await EndEverythingAsync(user, token);
            await keys.RevokeAllAsync(id, token);
            await audit.RecordAsync(AuditKinds.SessionsRevoked, AuditOutcomes.Success, actor, id, Ended(ended), token);
            return null;
        }, cancellationToken, missing: ErrorCatalogue.UserNotFound);

    // The stamp first: a sign-in that is under way sees it and begins no session.
    private async Task<int> EndEverythingAsync(User user, CancellationToken cancellationToken)
    {
        await RenewStampAsync(user, cancellationToken);
        var ended = await sessions.RevokeAllAsync(user.Id, exceptSessionId: null, cancellationToken);
        await revocations.RevokeSubjectAsync(user.Id, cancellationToken);
        return ended;
    }

    private Task<int> RenewStampAsync(User user, CancellationToken cancellationToken)
    {
        user.SecurityStamp = Guid.NewGuid().ToString("N");
        return db.SaveChangesAsync(cancellationToken);
    }

    // Two administrators who remove one another take the lock one after the other, and the second finds himself the last.
    private async Task<bool> IsLastAdminAsync(User user, CancellationToken cancellationToken)
    {
        if (user.Role != UserRoles.Admin || user.DisabledAt is not null)
            return false;

        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLocks.Administrators})", cancellationToken);
        return !await db.Users.AnyAsync(
            other => other.Role == UserRoles.Admin && other.DisabledAt == null && other.Id != user.Id, cancellationToken);
    }

    private Task<T> ChangeAsync<T>(
        string id, Func<User, CancellationToken, Task<T>> change, CancellationToken cancellationToken, T missing = default!) =>
        db.InTransactionAsync(async token =>
        {
            var locked = await db.Users.FromSql($"SELECT * FROM users WHERE id = {id} FOR UPDATE").ToListAsync(token);
            if (locked is not [var user] || await db.Erasures.AnyAsync(erasure => erasure.UserId == id, token))
                return missing;

            return await change(user, token);
        }, cancellationToken);

    private static Dictionary<string, string> Ended(int sessions) =>
        new() { ["sessions_ended"] = sessions.ToString(System.Globalization.CultureInfo.InvariantCulture) };
}
