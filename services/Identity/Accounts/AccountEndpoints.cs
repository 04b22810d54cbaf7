using System.Text.Json;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;

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
        account.MapGet("export", ExportAsync).RequireAuthorization(Scopes.Read).Describe(AccountsDescription.Export);
        routes.MapPost("/api/account/password", ChangePasswordAsync).RequireAuthorization(Scopes.PasswordPolicy)
            .Describe(AccountsDescription.ChangePassword);
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<AccountProfile>>, ErrorResult>> ReadAsync(
        HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
    {
        return await accounts.FindAsync(http.User.Token.Subject, cancellationToken) is { } user
            ? TypedResults.Ok(Success.Of(null, AccountProfile.Of(user)))
            : ErrorCatalogue.InvalidToken.AsResult();
    }

    private static async Task<Results<Ok<SuccessEnvelope<AccountProfile>>, ErrorResult>> ChangeAsync(
        HttpContext http, AccountStore accounts, RecentProof proof, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (ProfileChange.Read(body.Root, out var invalid) is not { } change)
            return invalid!;

        var token = http.User.Token;
        if (await accounts.FindAsync(token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        if (change.ChangesEmail
            && await proof.CheckAsync(token, user, body.Root, "current_password", cancellationToken) is { } unproven)
        {
            return unproven;
        }

        var (changed, error) = await accounts.ChangeProfileAsync(user, change, cancellationToken);
        return changed is not null
            ? TypedResults.Ok(Success.Of("Account updated successfully.", AccountProfile.Of(changed)))
            : (error ?? ErrorCatalogue.InvalidToken).AsResult();
    }

    private static async Task<Results<Ok<SuccessEnvelope<ChangedPassword>>, ErrorResult>> ChangePasswordAsync(
        HttpContext http, AccountStore accounts, RecentProof proof, PasswordPolicy policy, PasswordHashing passwords,
        CancellationToken cancellationToken)
    {
        // 1. Read the request.
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (JsonField.Of(body.Root, "new_password").Text is not { Length: > 0 } chosen)
            return ErrorCatalogue.MissingFields.AsResult("Missing fields. Please provide new_password.");
        var keep = JsonField.Of(body.Root, "keep_api_keys");
        if (!keep.IsAbsent && keep.Kind is not (JsonValueKind.True or JsonValueKind.False))
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. keep_api_keys must be true or false.");

        // 2. Check the new password first: that is cheap, and the check of the old one is not.
        var token = http.User.Token;
        if (await accounts.FindAsync(token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        if (policy.Objection(chosen, user.UserName!, user.Email!) is { } objection)
            return ErrorCatalogue.InvalidPassword.AsResult($"{ErrorCatalogue.InvalidPassword.Message} {objection}");
        if (await proof.CheckAsync(token, user, body.Root, "old_password", cancellationToken) is { } unproven)
            return unproven;

        // 3. A password that must be changed is known to more than its user.
        if (user.MustChangePassword)
        {
            var same = await passwords.VerifyAsync(user.PasswordHash, chosen, cancellationToken);
            if (same.RetryAfter is { } wait)
                return ErrorCatalogue.Unavailable.AsResult(retryAfter: wait, reason: HashQueue.IsFull);
            if (same.Value is not PasswordVerification.Wrong)
                return ErrorCatalogue.InvalidPassword.AsResult($"{ErrorCatalogue.InvalidPassword.Message} It must differ from the current one.");
        }

        // 4. Change the password.
        var hash = await passwords.HashAsync(chosen, cancellationToken);
        if (hash.RetryAfter is { } retryAfter)
            return ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter, reason: HashQueue.IsFull);

        var keepsKeys = keep.Kind is JsonValueKind.True;
        return await accounts.ChangePasswordAsync(user, hash.Value!, token.SessionId, keepsKeys, cancellationToken) is { } ended
            ? TypedResults.Ok(Success.Of(keepsKeys ? AccountsDescription.PasswordChanged : AccountsDescription.PasswordAndKeysChanged, ended))
            : ErrorCatalogue.InvalidToken.AsResult();
    }

    private static async Task<Results<Accepted<SuccessEnvelope<object>>, ErrorResult>> DeleteAsync(
        HttpContext http, AccountStore accounts, RecentProof proof, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var token = http.User.Token;
        if (await accounts.FindAsync(token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        if (await proof.CheckAsync(token, user, body.Root, "password", cancellationToken) is { } unproven)
            return unproven;

        return await accounts.DeleteOwnAsync(user, cancellationToken) is { } error
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
            return ErrorCatalogue.Unavailable.AsResult(reason: "the data service does not answer");

        await audit.RecordAsync(AuditKinds.UserExported, AuditOutcomes.Success, user.Id, user.Id, cancellationToken);
        return new AccountExport(user, stored);
    }
}
