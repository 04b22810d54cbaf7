using KvAspire.Identity.Audit;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Signs users in by name and password. Neither the answer nor its time reveals whether the user is unknown, the password is
/// wrong, or the account is locked or disabled: each takes one query for the user, one hash, one query for the lockout and one
/// commit.
/// </summary>
internal sealed class SignIn(UserDirectory users, PasswordHashing passwords, Lockout lockout, AuditLog audit)
{
    /// <summary>Signs in.</summary>
    public async Task<SignInOutcome> AttemptAsync(string username, string password, CancellationToken cancellationToken)
    {
        // A text that cannot be registered is no username, and Postgres refuses some of them, such as U+0000.
        var user = RegistrationRules.IsUsername(username) ? await users.FindAsync(username, cancellationToken) : null;
        var outcome = await CheckAsync(user, password, cancellationToken);
        if (outcome.User is null)
            return outcome;

        var isStillThere = await users.SaveWithAsync(user!.Id, (id, _) =>
        {
            audit.Add(AuditKinds.SignIn, id is null ? AuditOutcomes.Failure : AuditOutcomes.Success, id, id);
            return Task.CompletedTask;
        }, cancellationToken);
        return isStillThere ? outcome : default;
    }

    /// <summary>Checks the password of a signed-in user. A wrong one counts as in a sign-in.</summary>
    public Task<SignInOutcome> ConfirmAsync(User user, string password, CancellationToken cancellationToken) =>
        CheckAsync(user, password, cancellationToken);

    private async Task<SignInOutcome> CheckAsync(User? user, string password, CancellationToken cancellationToken)
    {
        var turn = await passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken);
        if (turn.RetryAfter is { } retryAfter)
            return new(null, retryAfter);

        // After the hash: of concurrent guesses, those after the last free attempt are refused.
        if (await lockout.IsLockedAsync(user?.Id, cancellationToken))
            return await RefuseAsync(user, AuditOutcomes.Locked, counts: false, cancellationToken);
        if (user is null || user.DisabledAt is not null || turn.Value is PasswordVerification.Wrong)
            return await RefuseAsync(user, user?.DisabledAt is null ? AuditOutcomes.Failure : AuditOutcomes.Disabled, counts: true, cancellationToken);

        if (turn.Value is PasswordVerification.Outdated
            && (await passwords.HashAsync(password, cancellationToken)).Value is { } renewed) // otherwise the next sign-in renews it
            await users.RenewHashAsync(user, renewed, cancellationToken);

        await lockout.ForgetAsync(user.Id, cancellationToken);
        return new(user);
    }

    // A user who was erased while the password was being hashed counts as unknown.
    private async Task<SignInOutcome> RefuseAsync(User? user, string outcome, bool counts, CancellationToken cancellationToken)
    {
        await users.SaveWithAsync(user?.Id, async (id, token) =>
        {
            if (counts)
                await lockout.CountFailureAsync(id, token);
            audit.Add(AuditKinds.SignIn, outcome, actor: null, id);
        }, cancellationToken);
        return default;
    }
}
