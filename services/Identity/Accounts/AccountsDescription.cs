using System.Text.Json;
using KvAspire.Identity.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Accounts;

/// <summary>What the OpenAPI document says of accounts.</summary>
internal static class AccountsDescription
{
    private const string Tag = "Accounts";

    private const string Example = """{"status":"success","data":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","age":30,"gender":null,"role":"user","created_at":"2026-11-24T21:03:50Z"}}""";

    public static readonly OperationDescription Read = new("readAccount", Tag, "Read your account")
    {
        Text = "The account of the token's user.",
        Answers = [new(200, "The account.") { Example = Example, Headers = ["Cache-Control"] }],
    };

    public static readonly OperationDescription Change = new("changeAccount", Tag, "Change your account")
    {
        Text = "What is not there stays; null takes an optional member away.",
        Body = new(typeof(AccountChange), """{"full_name":"Jane Doe","age":31,"gender":null}"""),
        Answers = [new(200, "The account as it is now.") { Example = Example }],
        Errors =
        [
            ErrorCatalogue.InvalidEmail, ErrorCatalogue.InvalidFullName, ErrorCatalogue.InvalidAge, ErrorCatalogue.InvalidGender, ErrorCatalogue.EmailExists,
        ],
    };

    public static readonly OperationDescription ChangePassword = new("changePassword", Tag, "Change your password")
    {
        Text = "All other sessions of the user end.",
        Body = new(typeof(PasswordChange), """{"old_password":"secure_password123","new_password":"another_long_passphrase"}"""),
        Answers = [IdentityDescription.Done("The password is changed.", "Password changed successfully. All other sessions have ended.")],
        Errors = [ErrorCatalogue.MissingFields, ErrorCatalogue.InvalidPassword, ErrorCatalogue.WrongPassword],
    };

    public static readonly OperationDescription Export = new("exportAccount", Tag, "Export everything that is held on you")
    {
        Text = "What both services hold, as one JSON document, which is written while it is read: it may be large.",
        Answers =
        [
            new(200, "The export.")
            {
                Type = typeof(SuccessEnvelope<ExportedAccount>),
                Example = """{"status":"success","data":{"account":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","age":30,"gender":null,"role":"user","created_at":"2026-11-24T21:03:50Z"},"sessions":[],"api_keys":[],"failed_sign_ins":[],"audit":[],"entries":[],"history":[]}}""",
                Headers = ["Cache-Control", "Content-Disposition"],
            },
        ],
    };

    public static readonly OperationDescription Delete = new("deleteAccount", Tag, "Delete your account")
    {
        Text = "Closes the account at once, and erases everything that both services hold of it.",
        Body = new(typeof(AccountDeletion), """{"password":"secure_password123"}"""),
        Answers =
        [
            IdentityDescription.Done("The account is closed, and is being erased.", "Account closed. Everything that is stored of it is being erased.", 202),
        ],
        Errors = [ErrorCatalogue.MissingFields, ErrorCatalogue.WrongPassword, ErrorCatalogue.LastAdmin],
    };
}

/// <summary>What to change of an account: at least one member.</summary>
/// <param name="Email">An address of at most 254 characters; unique without regard to case.</param>
/// <param name="FullName">1 to 200 characters.</param>
/// <param name="Age">1 to 150, or null to take it away.</param>
/// <param name="Gender">1 to 50 characters, or null to take it away.</param>
public sealed record AccountChange(string? Email, string? FullName, [property: MayBeNull] int? Age, [property: MayBeNull] string? Gender);

/// <summary>A change of password.</summary>
/// <param name="OldPassword">The one that is.</param>
/// <param name="NewPassword">The one that is to be: 8 to 128 characters.</param>
public sealed record PasswordChange(string OldPassword, string NewPassword);

/// <summary>The deletion of an account.</summary>
/// <param name="Password">The password, so that a stolen token is not enough.</param>
public sealed record AccountDeletion(string Password);

/// <summary>Everything that is held on a user. The members of the lists may become more.</summary>
/// <param name="Account">The account.</param>
/// <param name="Sessions">The sessions that have not ended.</param>
/// <param name="ApiKeys">The API keys, without what they are.</param>
/// <param name="FailedSignIns">Failures to sign in as the user, by address.</param>
/// <param name="Audit">What the audit log has of the user.</param>
/// <param name="Entries">The entries.</param>
/// <param name="History">The changes that are kept.</param>
public sealed record ExportedAccount(
    AccountProfile Account, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Sessions, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> ApiKeys,
    IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> FailedSignIns, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Audit,
    IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Entries, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> History);
