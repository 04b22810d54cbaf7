using Microsoft.EntityFrameworkCore;

namespace KvAspire.Identity.Database;

/// <summary>What belongs together, such as a change and the event that tells of it, is stored together or not at all.</summary>
internal static class Transactions
{
    /// <summary>
    /// Does some work in a transaction of its own, with whatever it adds to <paramref name="db"/>. Where the connection is
    /// lost the whole is repeated.
    /// </summary>
    public static Task<T> InTransactionAsync<T>(
        this IdentityDb db, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var outcome = await work(token);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return outcome;
        }, cancellationToken);
}
