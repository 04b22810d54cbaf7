using KvAspire.Identity.Audit;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;
using KvAspire.Identity.SignIns;

namespace KvAspire.Identity.Accounts;

/// <summary>The endpoints of a user's own account.</summary>
internal static class AccountEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var account = routes.MapGroup("/api/account").RequireAuthorization(Scopes.Account);
        account.MapGet("", ReadAsync).Describe(AccountsDescription.Read);
        account.MapPatch("", ChangeAsync).Describe(AccountsDescription.Change);
        account.MapDelete("", DeleteAsync).Describe(AccountsDescription.Delete);
        account.MapPost("password", ChangePasswordAsync).Describe(AccountsDescription.ChangePassword);
        account.MapGet("export", ExportAsync).RequireAuthorization(Scopes.Read).Describe(AccountsDescription.Export);
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<AccountProfile>>, ErrorResult>> ReadAsync(
        HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        return await accounts.FindAsync(http.User.Token.Subject, cancellationToken) is { } user
            ? TypedResults.Ok(Success.Of(null, AccountProfile.Of(user)))
            : ErrorCatalogue.InvalidToken.AsResult();
    }

    private static async Task<Results<Ok<SuccessEnvelope<AccountProfile>>, ErrorResult>> ChangeAsync(
        HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (ProfileChange.Read(body.Root, out var invalid) is not { } change)
            return invalid!;

        var (user, error) = await accounts.ChangeProfileAsync(http.User.Token.Subject, change, cancellationToken);
        return user is not null
            ? TypedResults.Ok(Success.Of("Account updated successfully.", AccountProfile.Of(user)))
            : (error ?? ErrorCatalogue.InvalidToken).AsResult();
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> ChangePasswordAsync(
        HttpContext http, AccountStore accounts, SignIn signIn, PasswordPolicy policy, PasswordHashing passwords,
        CancellationToken cancellationToken)
    {
        // 1. Read the request.
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (JsonField.Of(body.Root, "old_password").Text is not { Length: > 0 } old
            || JsonField.Of(body.Root, "new_password").Text is not { Length: > 0 } chosen)
        {
            return ErrorCatalogue.MissingFields.AsResult("Missing fields. Please provide both old_password and new_password.");
        }

        // 2. Check the new password first: that is cheap, and the check of the old one is not.
        var token = http.User.Token;
        if (await accounts.FindAsync(token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        if (policy.Objection(chosen, user.UserName!, user.Email!) is { } objection)
            return ErrorCatalogue.InvalidPassword.AsResult($"{ErrorCatalogue.InvalidPassword.Message} {objection}");

        // 3. The lockout counts wrong passwords here as well, so that a stolen token does not help to guess.
        var outcome = await signIn.ConfirmAsync(user, old, cancellationToken);
        if (outcome.User is null)
            return Refused(outcome);

        // 4. Change the password.
        var hash = await passwords.HashAsync(chosen, cancellationToken);
        if (hash.RetryAfter is { } retryAfter)
            return ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter);

        return await accounts.ChangePasswordAsync(user, hash.Value!, token.SessionId, cancellationToken)
            ? TypedResults.Ok(Success.Of("Password changed successfully. All other sessions have ended."))
            : ErrorCatalogue.InvalidToken.AsResult();
    }

    private static async Task<Results<Accepted<SuccessEnvelope<object>>, ErrorResult>> DeleteAsync(
        HttpContext http, AccountStore accounts, SignIn signIn, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (JsonField.Of(body.Root, "password").Text is not { Length: > 0 } password)
            return ErrorCatalogue.MissingFields.AsResult("Missing fields. Please provide the password.");

        var id = http.User.Token.Subject;
        if (await accounts.FindAsync(id, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        var outcome = await signIn.ConfirmAsync(user, password, cancellationToken);
        if (outcome.User is null)
            return Refused(outcome);

        return await accounts.DeleteAsync(id, actor: id, cancellationToken) is { } error
            ? error.AsResult()
            : TypedResults.Accepted((string?)null, Success.Of(AccountsDescription.Closed));
    }

    private static async Task<IResult> ExportAsync(
        HttpContext http, AccountStore accounts, DataOwners data, AuditLog audit, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(http.User.Token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();

        // Asked before the first byte is sent: afterwards no status can report that the data service is unavailable.
        if (await data.ExportAsync(user.Id, cancellationToken) is not { } stored)
            return ErrorCatalogue.Unavailable.AsResult();

        await audit.RecordAsync(AuditKinds.UserExported, AuditOutcomes.Success, user.Id, user.Id, cancellationToken);
        return new AccountExport(user, stored);
    }

    private static ErrorResult Refused(SignInOutcome outcome) => outcome.RetryAfter is { } retryAfter
        ? ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter)
        : ErrorCatalogue.WrongPassword.AsResult();
}
