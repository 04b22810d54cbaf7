using KvAspire.Identity.Admin;
using KvAspire.Identity.Database;
using KvAspire.Identity.Text;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace KvAspire.Identity.Users;

/// <summary>The users of <see cref="IdentityDb"/>.</summary>
internal sealed class UserDirectory(IdentityDb db, UserManager<User> users)
{
    private const int MaxSearch = 254;

    /// <summary>The user of that name, in any case.</summary>
    public Task<User?> FindAsync(string username, CancellationToken cancellationToken)
    {
        var normalized = users.NormalizeName(username);
        return db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.NormalizedUserName == normalized, cancellationToken);
    }

    /// <summary>Finds cheaply that a name is taken. Only <see cref="AddAsync"/> can tell that it is free.</summary>
    /// <returns><c>USERNAME_EXISTS</c>, <c>EMAIL_EXISTS</c> or null.</returns>
    public async Task<ApiError?> FindConflictAsync(string username, string email, CancellationToken cancellationToken)
    {
        var (name, address) = (users.NormalizeName(username), users.NormalizeEmail(email));
        var taken = await db.Users
            .Where(user => user.NormalizedUserName == name || user.NormalizedEmail == address)
            .Select(user => user.NormalizedUserName == name)
            .ToListAsync(cancellationToken);

        return taken.Contains(true) ? ErrorCatalogue.UsernameExists : taken.Count > 0 ? ErrorCatalogue.EmailExists : null;
    }

    /// <summary>Adds the user. The database decides between concurrent registrations of one name.</summary>
    /// <returns><c>USERNAME_EXISTS</c>, <c>EMAIL_EXISTS</c> or null.</returns>
    public async Task<ApiError?> AddAsync(User user, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // UserManager takes no token
        try
        {
            var outcome = await users.CreateAsync(user);
            return outcome.Succeeded ? null : throw new InvalidOperationException(outcome.ToString());
        }
        catch (DbUpdateException exception) when (Conflict(exception) is { } conflict)
        {
            // After a connection broke between the commit and its acknowledgement, the retry finds its own row.
            return await db.Users.AnyAsync(stored => stored.Id == user.Id, cancellationToken) ? null : conflict;
        }
    }

    public static bool IsSearch(string text) => CodePoints.AreAtMost(text, MaxSearch) && !text.Any(char.IsControl);

    /// <summary>
    /// The users whose username or e-mail address begins with a text, in any case, in the order of their ids. A domain beyond ASCII
    /// is found as a whole, since addresses are compared with A-labels.
    /// </summary>
    public Task<List<UserSummary>> SearchAsync(string search, string? afterId, int limit, CancellationToken cancellationToken)
    {
        var matching = db.Users.AsNoTracking().Where(user => !db.Erasures.Any(erasure => erasure.UserId == user.Id));
        if (search.Length > 0)
        {
            var (name, address) = (Prefix(users.NormalizeName(search)!), Prefix(users.NormalizeEmail(search)!));
            matching = matching.Where(user =>
                EF.Functions.Like(user.NormalizedUserName, name, @"\") || EF.Functions.Like(user.NormalizedEmail, address, @"\"));
        }

        if (afterId is not null)
#pragma warning disable CA1309 // Postgres compares
            matching = matching.Where(user => string.Compare(user.Id, afterId) > 0);
#pragma warning restore CA1309
        return matching.OrderBy(user => user.Id).Take(limit)
            .Select(user => new UserSummary(user.Id, user.UserName!, user.Email!, user.FullName, user.Role, user.CreatedAt, user.DisabledAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Saves the changes of <paramref name="change"/> in a transaction during which the user cannot be erased. The change gets
    /// the id, or null where there is no such user: then it must not name the user.
    /// </summary>
    /// <returns>Whether there is such a user.</returns>
    public Task<bool> SaveWithAsync(string? id, Func<string?, CancellationToken, Task> change, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            var held = await db.Database.SqlQuery<string>($"""SELECT id AS "Value" FROM users WHERE id = {id ?? ""} FOR KEY SHARE""").ToListAsync(token);
            await change(held.Count > 0 ? held[0] : null, token);
            return held.Count > 0;
        }, cancellationToken);

    /// <summary>Replaces the hash by another one of the same password, unless the password changed meanwhile.</summary>
    public Task RenewHashAsync(User user, string passwordHash, CancellationToken cancellationToken) => db.Users
        .Where(stored => stored.Id == user.Id && stored.PasswordHash == user.PasswordHash)
        .ExecuteUpdateAsync(stored => stored.SetProperty(u => u.PasswordHash, passwordHash), cancellationToken);

    private static string Prefix(string text) => text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_") + "%";

    /// <summary>The error for a name that is taken; null for any other failure.</summary>
    public static ApiError? Conflict(DbUpdateException exception) =>
        (exception.InnerException as PostgresException)?.ConstraintName switch
        {
            UserMapping.UniqueUsername => ErrorCatalogue.UsernameExists,
            UserMapping.UniqueEmail => ErrorCatalogue.EmailExists,
            "pk_users" => ErrorCatalogue.UsernameExists,
            _ => null,
        };
}
