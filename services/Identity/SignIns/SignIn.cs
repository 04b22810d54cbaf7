using KvAspire.Identity.Audit;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Signs a user in by name and password. A stranger learns neither from the answer nor from its time whether there is no
/// such user, the password is wrong, or the account is locked or disabled: each takes one look-up, one hash, one look at
/// the lockout and one commit.
/// </summary>
internal sealed class SignIn(UserDirectory users, PasswordHashing passwords, Lockout lockout, AuditLog audit)
{
    /// <summary>Who signs in with that name and password.</summary>
    public async Task<SignInOutcome> AttemptAsync(string username, string password, CancellationToken cancellationToken)
    {
        // What cannot be registered is nobody's name; Postgres would refuse some of it, such as U+0000.
        var user = RegistrationRules.IsUsername(username) ? await users.FindAsync(username, cancellationToken) : null;
        var outcome = await CheckAsync(user, password, cancellationToken);
        if (outcome.User is not null)
            await audit.RecordAsync(AuditKinds.SignIn, AuditOutcomes.Success, user!.Id, user.Id, cancellationToken);
        return outcome;
    }

    /// <summary>Whether that is the password of somebody who is signed in already. A wrong one counts as in a sign-in.</summary>
    public Task<SignInOutcome> ConfirmAsync(User user, string password, CancellationToken cancellationToken) =>
        CheckAsync(user, password, cancellationToken);

    private async Task<SignInOutcome> CheckAsync(User? user, string password, CancellationToken cancellationToken)
    {
        var turn = await passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken);
        if (turn.RetryAfter is { } retryAfter)
            return new(null, retryAfter);

        // After the hash: of many guesses at once, those that come after the last free one are already refused.
        if (await lockout.IsLockedAsync(user?.Id, cancellationToken))
            return await RefuseAsync(user, AuditOutcomes.Locked, cancellationToken);
        if (user is null || user.DisabledAt is not null || turn.Value is PasswordVerification.Wrong)
            return await CountAsync(user, cancellationToken);

        if (turn.Value is PasswordVerification.Outdated
            && (await passwords.HashAsync(password, cancellationToken)).Value is { } renewed) // else the next time
            await users.RenewHashAsync(user, renewed, cancellationToken);

        await lockout.ForgetAsync(user.Id, cancellationToken);
        return new(user);
    }

    private async Task<SignInOutcome> RefuseAsync(User? user, string outcome, CancellationToken cancellationToken)
    {
        await audit.RecordAsync(AuditKinds.SignIn, outcome, actor: null, user?.Id, cancellationToken);
        return default;
    }

    private async Task<SignInOutcome> CountAsync(User? user, CancellationToken cancellationToken)
    {
        var outcome = user?.DisabledAt is null ? AuditOutcomes.Failure : AuditOutcomes.Disabled;
        await lockout.CountFailureAsync(
            user?.Id, () => audit.Add(AuditKinds.SignIn, outcome, actor: null, user?.Id), cancellationToken);
        return default;
    }
}
