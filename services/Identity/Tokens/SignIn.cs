using KvAspire.Identity.Passwords;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tokens;

/// <summary>Signs a user in by name and password.</summary>
internal sealed class SignIn(UserDirectory users, PasswordHashing passwords, TokenIssuer issuer)
{
    /// <summary>A token, or null; a stranger learns neither from the answer nor from its time which of the two was wrong.</summary>
    public async Task<IssuedToken?> AttemptAsync(string username, string password, CancellationToken cancellationToken)
    {
        // What cannot be registered is nobody's name; Postgres would refuse some of it, such as U+0000.
        var user = RegistrationRules.IsUsername(username) ? await users.FindAsync(username, cancellationToken) : null;

        return await passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken) ? issuer.Issue(user!) : null;
    }
}
