using KvAspire.Identity.Database;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Slows down guesses of passwords, by account and address together: nobody can lock a user out from elsewhere, and no wait is
/// longer than 15 minutes. Attempts during a wait neither count nor prolong it.
/// </summary>
internal sealed class Lockout(IdentityDb db, ClientAddress client, IOptions<LockoutOptions> options, TimeProvider clock)
{
    /// <summary>
    /// Whether this client has to wait before it may try the account again. A null id, of an unknown user, costs the same query.
    /// </summary>
    public async Task<bool> IsLockedAsync(string? userId, CancellationToken cancellationToken)
    {
        var (account, address) = (userId ?? FailedSignIns.UnknownUser, client.Network);
        var failed = await Remembered
            .Where(failed => failed.Account == account && (failed.Address == address || failed.Address == FailedSignIns.Everywhere))
            .ToListAsync(cancellationToken);
        return LockedUntil(failed, address) > clock.GetUtcNow();
    }

    /// <summary>Counts a wrong password, in the caller's transaction.</summary>
    public Task CountFailureAsync(string? userId, CancellationToken cancellationToken)
    {
        var (account, address, now) = (userId ?? FailedSignIns.UnknownUser, client.Network, clock.GetUtcNow());
        var forgotten = now - options.Value.Memory;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO failed_sign_ins AS f (account, address, failures, failed_at)
            VALUES ({account}, {address}, 1, {now}), ({account}, {FailedSignIns.Everywhere}, 1, {now})
            ON CONFLICT (account, address) DO UPDATE SET
                failures = CASE WHEN f.failed_at < {forgotten} THEN 1 ELSE f.failures + 1 END, failed_at = {now}
            """, cancellationToken);
    }

    /// <summary>Forgets the client's own failures, after a right password.</summary>
    public Task ForgetAsync(string userId, CancellationToken cancellationToken)
    {
        var address = client.Network;
        return db.FailedSignIns.Where(failed => failed.Account == userId && failed.Address == address).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Ends all waits for an account.</summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> UnlockAsync(string userId, CancellationToken cancellationToken) =>
        await db.FailedSignIns.Where(failed => failed.Account == userId).ExecuteDeleteAsync(cancellationToken) > 0;

    /// <summary>Deletes expired failures.</summary>
    public Task SweepAsync(CancellationToken cancellationToken)
    {
        var forgotten = clock.GetUtcNow() - options.Value.Memory;
        return db.FailedSignIns.Where(failed => failed.FailedAt < forgotten).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The end of the longest wait of any client for the account; null where there is none.</summary>
    public async Task<DateTimeOffset?> LockedUntilAsync(string userId, CancellationToken cancellationToken)
    {
        var failed = await Remembered.Where(failed => failed.Account == userId).OrderByDescending(failed => failed.FailedAt)
            .Take(1000).ToListAsync(cancellationToken);
        var until = failed.Where(row => row.Address != FailedSignIns.Everywhere).Max(row => LockedUntil(failed, row.Address));
        return until > clock.GetUtcNow() ? until : null;
    }

    private IQueryable<FailedSignIns> Remembered
    {
        get
        {
            var forgotten = clock.GetUtcNow() - options.Value.Memory;
            return db.FailedSignIns.AsNoTracking().Where(failed => failed.FailedAt >= forgotten);
        }
    }

    private DateTimeOffset? LockedUntil(List<FailedSignIns> failed, string address)
    {
        if (failed.Find(row => row.Address == address) is not { } own)
            return null;

        var besieged = failed.Exists(row => row.Address == FailedSignIns.Everywhere && row.Failures >= options.Value.SiegeAt);
        var excess = own.Failures - (besieged ? 1 : options.Value.FreeAttempts);
        return excess < 0 ? null : own.FailedAt + Wait(excess);
    }

    private TimeSpan Wait(int excess)
    {
        var doubled = options.Value.FirstWait * Math.Pow(2, Math.Min(excess, 32));
        return doubled < options.Value.LongestWait ? doubled : options.Value.LongestWait;
    }
}
