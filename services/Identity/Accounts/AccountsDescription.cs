using System.Text.Json;
using KvAspire.Identity.OpenApi;

namespace KvAspire.Identity.Accounts;

/// <summary>Describes the account endpoints in the OpenAPI document.</summary>
internal static class AccountsDescription
{
    /// <summary>The message about an account that was deleted.</summary>
    public const string Closed = "Account closed. Everything that is stored of it is being erased.";

    /// <summary>The messages about a password that was changed.</summary>
    public const string PasswordChanged = "Password changed successfully. All other sessions have ended.";

    /// <inheritdoc cref="PasswordChanged"/>
    public const string PasswordAndKeysChanged = "Password changed successfully. All other sessions and all API keys have ended.";

    /// <summary>The text about <see cref="RecentProof"/>.</summary>
    public const string Proof = "Needs a sign-in of the last 5 minutes, or the user's password in the request.";

    private const string Example = """{"status":"success","data":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","age":30,"gender":null,"role":"user","created_at":"2026-11-24T21:03:50Z"}}""";

    public static readonly OperationDescription Read = new("readAccount", "Read your account")
    {
        Text = "The account of the token's user.",
        Answers = [new(200, "The account.") { Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription Change = new("changeAccount", "Change your account")
    {
        Text = $"Absent members stay as they are; null removes an optional member. Changing the e-mail: {Proof}",
        Body = new(typeof(AccountChange), """{"full_name":"Jane Doe","age":31,"gender":null}"""),
        Answers = [new(200, "The account as it is now.") { Example = Example, Headers = ["Cache-Control"] }],
        Errors =
        [
            ErrorCatalogue.InvalidEmail, ErrorCatalogue.InvalidFullName, ErrorCatalogue.InvalidAge, ErrorCatalogue.InvalidGender, ErrorCatalogue.EmailExists,
            ErrorCatalogue.MissingFields, ErrorCatalogue.ReauthenticationRequired, ErrorCatalogue.WrongPassword,
        ],
    };

    public static readonly OperationDescription ChangePassword = new("changePassword", "Change your password")
    {
        Text = $"All other sessions of the user end, and all API keys unless `keep_api_keys` is true. {Proof}",
        Body = new(typeof(PasswordChange), """{"old_password":"secure_password123","new_password":"another_long_passphrase"}"""),
        Answers =
        [
            new(200, "The password is changed.")
            {
                Example = $$$"""{"status":"success","message":"{{{PasswordAndKeysChanged}}}","data":{"sessions_ended":2,"api_keys_ended":1}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.MissingFields, ErrorCatalogue.InvalidPassword, ErrorCatalogue.ReauthenticationRequired, ErrorCatalogue.WrongPassword,
        ],
    };

    public static readonly OperationDescription Export = new("exportAccount", "Export all your data")
    {
        Text = "The data of both services as one JSON document. It may be large, and is streamed.",
        Answers =
        [
            new(200, "The export.")
            {
                Type = typeof(SuccessEnvelope<ExportedAccount>),
                Example = """{"status":"success","data":{"account":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","age":30,"gender":null,"role":"user","created_at":"2026-11-24T21:03:50Z"},"sessions":[],"api_keys":[],"failed_sign_ins":[],"audit":[],"entries":[],"history":[],"idempotency":[]}}""",
                Headers = ["Cache-Control", "Content-Disposition"],
            },
        ],
    };

    public static readonly OperationDescription Delete = new("deleteAccount", "Delete your account")
    {
        Text = $"Closes the account at once, and erases all its data in both services. {Proof}",
        Body = new(typeof(AccountDeletion), """{"password":"secure_password123"}"""),
        Answers = [IdentityDescription.Done("The account is closed, and its data is being erased.", Closed, 202)],
        Errors =
        [
            ErrorCatalogue.MissingFields, ErrorCatalogue.ReauthenticationRequired, ErrorCatalogue.WrongPassword, ErrorCatalogue.LastAdmin,
        ],
    };
}

/// <summary>A change of an account: at least one member.</summary>
/// <param name="Email">An address of at most 254 characters; unique without regard to case.</param>
/// <param name="FullName">1 to 200 characters.</param>
/// <param name="Age">1 to 150, or null to remove it.</param>
/// <param name="Gender">1 to 50 characters, or null to remove it.</param>
/// <param name="CurrentPassword">The password; only to change the e-mail where the sign-in is not recent.</param>
public sealed record AccountChange(
    string? Email, string? FullName, [property: MayBeNull] int? Age, [property: MayBeNull] string? Gender,
    [property: MayBeNull] string? CurrentPassword);

/// <summary>A change of the password.</summary>
/// <param name="OldPassword">The current password; only where the sign-in is not recent.</param>
/// <param name="NewPassword">The new password: 8 to 128 characters.</param>
/// <param name="KeepApiKeys">Whether the API keys stay; they end by default.</param>
public sealed record PasswordChange([property: MayBeNull] string? OldPassword, string NewPassword, [property: MayBeNull] bool? KeepApiKeys);

/// <summary>What ended with the old password.</summary>
/// <param name="SessionsEnded">The number of other sessions.</param>
/// <param name="ApiKeysEnded">The number of API keys.</param>
public sealed record ChangedPassword(int SessionsEnded, int ApiKeysEnded);

/// <summary>A request to delete the account.</summary>
/// <param name="Password">The password; only where the sign-in is not recent.</param>
public sealed record AccountDeletion([property: MayBeNull] string? Password);

/// <summary>All data on a user. Later versions may add members to the items of the lists.</summary>
/// <param name="Account">The account.</param>
/// <param name="Sessions">The sessions that have not ended.</param>
/// <param name="ApiKeys">The API keys, without their secrets.</param>
/// <param name="FailedSignIns">Failed sign-ins to the account, by address.</param>
/// <param name="Audit">The audit events of the user.</param>
/// <param name="Entries">The entries.</param>
/// <param name="History">The changes of entries that are kept.</param>
/// <param name="Idempotency">The outcomes that are kept for repeats of requests with an <c>Idempotency-Key</c>.</param>
public sealed record ExportedAccount(
    AccountProfile Account, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Sessions, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> ApiKeys,
    IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> FailedSignIns, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Audit,
    IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Entries, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> History,
    IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Idempotency);
