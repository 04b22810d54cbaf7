using KvAspire.Database;
using KvAspire.Identity.Database;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Slows down guesses of passwords and client secrets, by account and address together: failures at one address lock no user out
/// at another, and no wait is longer than 15 minutes. Attempts during a wait neither count nor prolong it.
/// </summary>
internal sealed class Lockout(IdentityDb db, ClientAddress client, IOptions<LockoutOptions> options, TimeProvider clock)
{
    /// <summary>
    /// Decides an attempt whose password or secret is checked, in the caller's transaction: during a wait it is refused, otherwise
    /// a wrong one counts, and a right one forgets the client's own failures. An unknown user costs the same queries.
    /// </summary>
    /// <remarks>
    /// The lock makes one step of all this until the commit: each concurrent attempt sees the failures of those before. So only
    /// the allowed number of guesses learns an outcome.
    /// </remarks>
    /// <returns>Whether the attempt is within no wait.</returns>
    public async Task<bool> AdmitAsync(string account, bool isRight, CancellationToken cancellationToken)
    {
        var address = client.Network;
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock(hashtextextended({account}, {AdvisoryLocks.SignIns}))", cancellationToken);
        var failed = await FindAsync(account, address, cancellationToken);
        if (LockedUntil(failed, address) > clock.GetUtcNow())
            return false;

        if (!isRight)
            await CountFailureAsync(account, address, cancellationToken);
        else if (failed.Exists(row => row.Address == address))
            await db.FailedSignIns.Where(row => row.Account == account && row.Address == address).ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Whether the account may have to wait here: only then does a right secret need <see cref="AdmitAsync"/>. It takes no lock.
    /// </summary>
    public Task<bool> HasFailuresAsync(string account, CancellationToken cancellationToken)
    {
        var address = client.Network;
        return Remembered.AnyAsync(failed => failed.Account == account && failed.Address == address, cancellationToken);
    }

    /// <summary>Whether the account has to wait here. It takes no lock: <see cref="AdmitAsync"/> alone admits an attempt.</summary>
    public async Task<bool> IsLockedAsync(string account, CancellationToken cancellationToken)
    {
        var address = client.Network;
        return LockedUntil(await FindAsync(account, address, cancellationToken), address) > clock.GetUtcNow();
    }

    /// <summary>Ends all waits for an account.</summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> UnlockAsync(string userId, CancellationToken cancellationToken) =>
        await db.FailedSignIns.Where(failed => failed.Account == userId).ExecuteDeleteAsync(cancellationToken) > 0;

    /// <summary>Deletes expired failures.</summary>
    /// <returns>Their number.</returns>
    public Task<int> SweepAsync(CancellationToken cancellationToken)
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

    private Task<List<FailedSignIns>> FindAsync(string account, string address, CancellationToken cancellationToken) => Remembered
        .Where(failed => failed.Account == account && (failed.Address == address || failed.Address == FailedSignIns.Everywhere))
        .ToListAsync(cancellationToken);

    private Task<int> CountFailureAsync(string account, string address, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var forgotten = now - options.Value.Memory;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO failed_sign_ins AS f (account, address, failures, failed_at)
            VALUES ({account}, {address}, 1, {now}), ({account}, {FailedSignIns.Everywhere}, 1, {now})
            ON CONFLICT (account, address) DO UPDATE SET
                failures = CASE WHEN f.failed_at < {forgotten} THEN 1 ELSE f.failures + 1 END, failed_at = {now}
            """, cancellationToken);
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
