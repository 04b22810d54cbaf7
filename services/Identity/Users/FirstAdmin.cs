using System.Security.Cryptography;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Passwords;

namespace KvAspire.Identity.Users;

/// <summary>Creates the first administrator where there is none. Runs once, under the lock of the migration.</summary>
internal sealed class FirstAdmin(
    IdentityDb db, UserDirectory users, PasswordPolicy policy, PasswordHashing passwords, AuditLog audit,
    IOptions<FirstAdminOptions> options, TimeProvider clock)
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"; // no characters that look alike
    private const int GeneratedLength = 20;

    /// <summary>Creates the administrator.</summary>
    /// <exception cref="InvalidOperationException">The settings cannot be registered.</exception>
    /// <returns>A sentence for the operator; null where there is an administrator.</returns>
    public async Task<string?> EnsureAsync(CancellationToken cancellationToken)
    {
        if (await db.Users.AnyAsync(user => user.Role == UserRoles.Admin, cancellationToken))
            return null;

        var (username, email, given) = (options.Value.Username, options.Value.Email, options.Value.Password);
        var isMadeUp = string.IsNullOrEmpty(given);
        var password = isMadeUp ? RandomNumberGenerator.GetString(Alphabet, GeneratedLength) : given!;
        if (!RegistrationRules.IsUsername(username) || EmailAddress.Objection(email) is not null)
            throw new InvalidOperationException("Set FirstAdmin:Username and FirstAdmin:Email to what can be registered, or leave them out.");
        if (policy.Objection(password, username, email) is { } objection)
            throw new InvalidOperationException($"FirstAdmin:Password is not accepted. {objection}");

        var now = clock.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now).ToString(),
            UserName = username,
            Email = email,
            PasswordHash = (await passwords.HashAsync(password, cancellationToken)).Value,
            FullName = "Administrator",
            CreatedAt = now,
            Role = UserRoles.Admin,
            MustChangePassword = isMadeUp,
        };
        audit.Add(AuditKinds.UserRegistered, AuditOutcomes.Success, actor: null, user.Id, new Dictionary<string, string> { ["role"] = UserRoles.Admin });
        if (await users.AddAsync(user, cancellationToken) is { } conflict)
            return Taken(conflict); // another user's account does not become an administrator's

        return isMadeUp
            ? $"The first administrator is {username} with the password {password} (shown this once; it must be changed at the first sign-in)."
            : $"The first administrator is {username}.";
    }

    private static string Taken(ApiError conflict) =>
        $"No administrator was made: {conflict.Message} Set FirstAdmin:Username and FirstAdmin:Email to others.";
}
