using System.Text.Json;
using KvAspire.Identity.Accounts;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Admin;

/// <summary>The endpoints that administer users. The audit log records each change with its actor.</summary>
internal static class UserAdministration
{
    private const int MaxBodyBytes = 16 * 1024;

    public static IEndpointRouteBuilder MapUserAdministration(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/admin/users").RequireAuthorization(Scopes.Admin);
        users.MapGet("", ListAsync).Describe(AdminDescription.ListUsers);
        users.MapGet("{id}", ReadAsync).Describe(AdminDescription.ReadUser);
        users.MapPatch("{id}", ChangeAsync).Describe(AdminDescription.ChangeUser);
        users.MapDelete("{id}", DeleteAsync).Describe(AdminDescription.DeleteUser);
        users.MapPost("{id}/revoke", RevokeAsync).Describe(AdminDescription.RevokeUser);
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<PageOf<UserSummary>>>, ErrorResult>> ListAsync(
        HttpContext http, UserDirectory users, CancellationToken cancellationToken)
    {
        if (Page.Read(http.Request.Query, "users", ["search"], UuidText.Read, out var error) is not { } page)
            return error!;

        var search = http.Request.Query["search"].ToString();
        if (!UserDirectory.IsSearch(search))
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. search must be at most 254 characters without control characters.");

        var found = await users.SearchAsync(search, page.After, page.Limit + 1, cancellationToken);
        return TypedResults.Ok(Success.Of(null, page.Of(found, user => user.UserId)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<UserDetails>>, ErrorResult>> ReadAsync(
        string id, AccountStore accounts, Lockout lockout, SessionStore sessions, CancellationToken cancellationToken)
    {
        if (UuidText.Read(id) is not { } userId || await accounts.FindAsync(userId, cancellationToken) is not { } user)
            return ErrorCatalogue.UserNotFound.AsResult();

        var lockedUntil = await lockout.LockedUntilAsync(userId, cancellationToken);
        var living = await sessions.ListAsync(userId, cancellationToken);
        return TypedResults.Ok(Success.Of(null, UserDetails.Of(user, lockedUntil, living.Count)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<UserDetails>>, ErrorResult>> ChangeAsync(
        string id, HttpContext http, AccountStore accounts, Lockout lockout, SessionStore sessions, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();

        var (role, disabled, locked) = (JsonField.Of(body.Root, "role"), JsonField.Of(body.Root, "disabled"), JsonField.Of(body.Root, "locked"));
        if (Objections(role, disabled, locked) is { } errors)
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. Please provide at least one of: role, disabled, locked.", errors);
        if (UuidText.Read(id) is not { } userId)
            return ErrorCatalogue.UserNotFound.AsResult();

        bool? disable = disabled.IsAbsent ? null : disabled.Kind is JsonValueKind.True;
        return await accounts.AdministerAsync(userId, role.Text, disable, !locked.IsAbsent, http.User.Token.Subject, cancellationToken) is { } error
            ? error.AsResult()
            : await ReadAsync(userId, accounts, lockout, sessions, cancellationToken);
    }

    private static async Task<Results<Accepted<SuccessEnvelope<object>>, ErrorResult>> DeleteAsync(
        string id, HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
    {
        var error = UuidText.Read(id) is { } userId
            ? await accounts.DeleteAsync(userId, http.User.Token.Subject, cancellationToken)
            : ErrorCatalogue.UserNotFound;
        return error is null
            ? TypedResults.Accepted((string?)null, Success.Of(AccountsDescription.Closed))
            : error.AsResult();
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> RevokeAsync(
        string id, HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
    {
        var error = UuidText.Read(id) is { } userId
            ? await accounts.RevokeAsync(userId, http.User.Token.Subject, cancellationToken)
            : ErrorCatalogue.UserNotFound;
        return error is null
            ? TypedResults.Ok(Success.Of("All sessions and tokens of the user have ended."))
            : error.AsResult();
    }

    private static Dictionary<string, string[]>? Objections(JsonField role, JsonField disabled, JsonField locked)
    {
        var errors = new Dictionary<string, string[]>();
        if (!role.IsAbsent && role.Text is not (UserRoles.User or UserRoles.Admin))
            errors["role"] = ["This field must be user or admin."];
        if (!disabled.IsAbsent && disabled.Kind is not (JsonValueKind.True or JsonValueKind.False))
            errors["disabled"] = ["This field must be true or false."];
        if (!locked.IsAbsent && locked.Kind is not JsonValueKind.False)
            errors["locked"] = ["This field must be false: only wrong passwords lock."];
        return errors.Count > 0 || (role.IsAbsent && disabled.IsAbsent && locked.IsAbsent) ? errors : null;
    }
}
