using KvAspire.Identity.Audit;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Tokens;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Signs users in by name and password. Neither the answer nor its time reveals whether the user is unknown, the password is
/// wrong, or the account is locked or disabled: each takes one query for the user, one hash, and one transaction with the lockout
/// and the audit event.
/// </summary>
internal sealed class SignIn(UserDirectory users, PasswordHashing passwords, Lockout lockout, AuditLog audit)
{
    /// <summary>Signs in.</summary>
    public async Task<SignInOutcome> AttemptAsync(string username, string password, CancellationToken cancellationToken)
    {
        // A text that cannot be registered is no username, and Postgres refuses some of them, such as U+0000.
        var user = RegistrationRules.IsUsername(username) ? await users.FindAsync(username, cancellationToken) : null;
        return await CheckAsync(user, password, begins: true, cancellationToken);
    }

    /// <summary>Checks the password of a signed-in user. A wrong one counts as in a sign-in.</summary>
    public Task<SignInOutcome> ConfirmAsync(User user, string password, CancellationToken cancellationToken) =>
        CheckAsync(user, password, begins: false, cancellationToken);

    private async Task<SignInOutcome> CheckAsync(User? user, string password, bool begins, CancellationToken cancellationToken)
    {
        // 1. Hash in every case, so that the time tells nothing.
        var turn = await passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken);
        if (turn.RetryAfter is { } retryAfter)
            return new(null, retryAfter, IssuanceMetrics.Overloaded);

        // 2. Check the lockout and count in one step. The lockout decides whether the outcome of the hash is looked at.
        var (isIn, refusal) = (false, "");
        await users.SaveWithAsync(user?.Id, async (id, token) =>
        {
            // A user who was erased while the password was being hashed counts as unknown.
            var isRight = id is not null && user!.DisabledAt is null && turn.Value is not PasswordVerification.Wrong;
            var isAdmitted = await lockout.AdmitAsync(id ?? FailedSignIns.UnknownUser, isRight, token);
            isIn = isAdmitted && isRight;
            if (!isIn)
                await audit.CountAsync(AuditKinds.SignIn, refusal = Refusal(isAdmitted, id is null ? null : user), id, token);
            else if (begins)
                audit.Add(AuditKinds.SignIn, AuditOutcomes.Success, id, id);
        }, cancellationToken);
        if (!isIn)
            return new(null, Refusal: refusal is AuditOutcomes.Failure ? IssuanceMetrics.InvalidCredentials : refusal);

        // 3. Renew the hash of another setting. Where the queue is full, the next sign-in renews it.
        if (turn.Value is PasswordVerification.Outdated && (await passwords.HashAsync(password, cancellationToken)).Value is { } renewed)
            await users.RenewHashAsync(user!, renewed, cancellationToken);
        return new(user);
    }

    private static string Refusal(bool isAdmitted, User? user) =>
        !isAdmitted ? AuditOutcomes.Locked : user?.DisabledAt is not null ? AuditOutcomes.Disabled : AuditOutcomes.Failure;
}
