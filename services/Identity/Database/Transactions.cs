namespace KvAspire.Identity.Database;

internal static class Transactions
{
    /// <summary>
    /// Runs work in a transaction, and saves what the work adds to <paramref name="db"/>, such as a change and its audit event.
    /// When the connection is lost, the whole work runs again.
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
