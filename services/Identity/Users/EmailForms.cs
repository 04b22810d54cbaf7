using KvAspire.Identity.Database;

namespace KvAspire.Identity.Users;

/// <summary>
/// Gives the addresses of earlier releases their unique form of today. Runs after the migrations, because Postgres cannot make
/// A-labels.
/// </summary>
internal sealed class EmailForms(IdentityDb db)
{
    /// <summary>
    /// Renews the forms. If two accounts have one address, the older account gets its form. The newer one has a form of its own,
    /// which no address has, until its user changes the address.
    /// </summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var affected = await db.Users
            .FromSql($"SELECT * FROM users WHERE octet_length(email) <> length(email) OR email ILIKE '%@%xn--%'").AsNoTracking()
            .OrderBy(user => user.CreatedAt).ThenBy(user => user.Id)
            .ToListAsync(cancellationToken);
        foreach (var user in affected)
        {
            if (EmailAddress.Normalize(user.Email!) is var form && form != user.NormalizedEmail)
                await RenewAsync(user, form, cancellationToken);
        }
    }

    private Task<int> RenewAsync(User user, string form, CancellationToken cancellationToken) => db.InTransactionAsync(async token =>
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE users SET normalized_email = {form} || ' ' || id
            WHERE normalized_email = {form} AND (created_at, id) > ({user.CreatedAt}, {user.Id})
            """, token);
        return await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE users SET normalized_email = {form}
            WHERE id = {user.Id} AND email = {user.Email} AND NOT EXISTS (SELECT FROM users WHERE normalized_email = {form})
            """, token);
    }, cancellationToken);
}
