using System.Diagnostics;
using System.Globalization;
using KvAspire.Database;
using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Accounts;

/// <summary>
/// Changes accounts, for their users and for administrators. One transaction holds each change, the end of the sessions that it
/// costs, and its audit event. An account that is being erased counts as absent.
/// </summary>
internal sealed class AccountStore(
    IdentityDb db, UserManager<User> users, SessionStore sessions, ApiKeyStore keys, RevocationStore revocations, Lockout lockout,
    AuditLog audit, ErasureSignal signal, TimeProvider clock)
{
    public Task<User?> FindAsync(string id, CancellationToken cancellationToken) => db.Users.AsNoTracking()
        .FirstOrDefaultAsync(user => user.Id == id && !db.Erasures.Any(erasure => erasure.UserId == id), cancellationToken);

    /// <summary>Changes the profile of a user.</summary>
    /// <returns>
    /// The changed user, or <c>EMAIL_EXISTS</c>. Both are null where there is no such user, or where the change names an e-mail
    /// address and the user changed the password or lost all sessions since <paramref name="user"/> was read.
    /// </returns>
    public async Task<(User? User, ApiError? Error)> ChangeProfileAsync(
        User user, ProfileChange change, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync<(User?, ApiError?)>(user.Id, async (stored, token) =>
            {
                if (change.ChangesEmail && stored.SecurityStamp != user.SecurityStamp)
                    return default; // the proof is no longer valid

                var former = stored.Email;
                change.ApplyTo(stored);
                if (stored.Email != former) // an account of an earlier release may share its address (EmailForms)
                    stored.NormalizedEmail = users.NormalizeEmail(stored.Email);
                await audit.RecordAsync(AuditKinds.ProfileChanged, AuditOutcomes.Success, stored.Id, stored.Id, token);
                return (stored, null);
            }, cancellationToken);
        }
        catch (DbUpdateException exception) when (UserDirectory.Conflict(exception) is { } conflict)
        {
            return (null, conflict);
        }
    }

    /// <summary>Replaces the password, and ends all sessions but <paramref name="sessionId"/>, and the API keys unless they are kept.</summary>
    /// <returns>The numbers of those that ended; null where the user changed since <paramref name="user"/> was read.</returns>
    public Task<ChangedPassword?> ChangePasswordAsync(
        User user, string passwordHash, string? sessionId, bool keepsKeys, CancellationToken cancellationToken) =>
        ChangeAsync<ChangedPassword?>(user.Id, async (stored, token) =>
        {
            if (stored.SecurityStamp != user.SecurityStamp)
                return null; // changed or revoked while the new password was being hashed

            (stored.PasswordHash, stored.MustChangePassword) = (passwordHash, false);
            await RenewStampAsync(stored, token);
            var ended = new ChangedPassword(
                await sessions.RevokeAllAsync(stored.Id, sessionId, token), keepsKeys ? 0 : await keys.RevokeAllAsync(stored.Id, token));
            await audit.RecordAsync(
                AuditKinds.PasswordChanged, AuditOutcomes.Success, stored.Id, stored.Id, Ended(ended.SessionsEnded, ended.ApiKeysEnded), token);
            return ended;
        }, cancellationToken);

    /// <summary>Deletes a user's own account, as <see cref="DeleteAsync(string, string, CancellationToken)"/> does.</summary>
    /// <returns>
    /// <c>LAST_ADMIN</c>, <c>INVALID_TOKEN</c> where the user changed the password or lost all sessions since
    /// <paramref name="user"/> was read, or null.
    /// </returns>
    public Task<ApiError?> DeleteOwnAsync(User user, CancellationToken cancellationToken) =>
        DeleteAsync(
            user.Id, actor: user.Id, stored => stored.SecurityStamp == user.SecurityStamp, refusal: ErrorCatalogue.InvalidToken,
            cancellationToken);

    /// <summary>
    /// Records that the account is deleted. From then on every sign-in to it fails, its tokens and API keys end, and
    /// <see cref="ErasureWorker"/> erases the data, even after a crash.
    /// </summary>
    /// <returns><c>USER_NOT_FOUND</c>, <c>LAST_ADMIN</c> or null.</returns>
    public Task<ApiError?> DeleteAsync(string id, string actor, CancellationToken cancellationToken) =>
        DeleteAsync(id, actor, _ => true, refusal: ErrorCatalogue.UserNotFound, cancellationToken);

    private async Task<ApiError?> DeleteAsync(
        string id, string actor, Func<User, bool> isAllowed, ApiError refusal, CancellationToken cancellationToken)
    {
        var error = await ChangeAsync(id, async (user, token) =>
        {
            if (!isAllowed(user))
                return refusal;
            if (await IsLastAdminAsync(user, token))
                return ErrorCatalogue.LastAdmin;

            var now = clock.GetUtcNow();
            user.DisabledAt ??= now;

            // Every token of a user names its session or API key. Revoked by those, the revocations do not name the user.
            await RenewStampAsync(user, token);
            await sessions.RevokeAllAsync(id, exceptSessionId: null, token);
            await keys.RevokeAllAsync(id, token);
            db.Erasures.Add(new() { UserId = id, RequestedAt = now, DueAt = now, TraceParent = Activity.Current?.Id });
            await audit.RecordAsync(AuditKinds.ErasureRecorded, AuditOutcomes.Success, actor, id, token);
            return null;
        }, cancellationToken, missing: refusal);

        if (error is null)
            signal.Raise();
        return error;
    }

    /// <summary>Makes an administrator's changes.</summary>
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
                await EndEverythingAsync(user, token); // the tokens grant what the old role allowed
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

    /// <summary>Ends all sessions, tokens and API keys of a user.</summary>
    /// <returns><c>USER_NOT_FOUND</c> or null.</returns>
    public Task<ApiError?> RevokeAsync(string id, string actor, CancellationToken cancellationToken) =>
        ChangeAsync<ApiError?>(id, async (user, token) =>
        {
            var ended = await EndEverythingAsync(user, token);
            var endedKeys = await keys.RevokeAllAsync(id, token);
            await audit.RecordAsync(AuditKinds.SessionsRevoked, AuditOutcomes.Success, actor, id, Ended(ended, endedKeys), token);
            return null;
        }, cancellationToken, missing: ErrorCatalogue.UserNotFound);

    // The stamp changes first: a sign-in in progress then begins no session.
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

    // The lock serializes two administrators who remove each other: the second one is the last.
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

    private static Dictionary<string, string> Ended(int sessions, int keys) => new()
    {
        ["sessions_ended"] = sessions.ToString(CultureInfo.InvariantCulture),
        ["api_keys_ended"] = keys.ToString(CultureInfo.InvariantCulture),
    };
}
