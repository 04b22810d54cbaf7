using KvAspire.Identity.Database;

namespace KvAspire.Identity.Users;

/// <summary>
/// Gives the addresses of earlier releases their unique form of today. Runs after the migrations, because Postgres cannot make
/// A-labels.
/// </summary>
internal sealed class EmailForms(IdentityDb db)
{
    /// <summary>
    /// Renews the forms, the oldest account's first. If two accounts have the same address, the older one has it, and the newer one
    /// keeps its former form.
    /// </summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var affected = await db.Users
            .FromSql($"SELECT * FROM users WHERE octet_length(email) <> length(email) OR email ILIKE '%@%xn--%'").AsNoTracking()
            .OrderBy(user => user.CreatedAt).ThenBy(user => user.Id)
            .Select(user => new { user.Id, user.Email, user.NormalizedEmail })
            .ToListAsync(cancellationToken);
        foreach (var user in affected)
        {
            var form = EmailAddress.Normalize(user.Email!);
            if (form != user.NormalizedEmail)
            {
                await db.Database.ExecuteSqlAsync(
                    $"""
                    UPDATE users SET normalized_email = {form}
                    WHERE id = {user.Id} AND email = {user.Email} AND NOT EXISTS (SELECT FROM users WHERE normalized_email = {form})
                    """, cancellationToken);
            }
        }
    }
}
