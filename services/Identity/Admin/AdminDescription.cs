using KvAspire.Identity.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Admin;

/// <summary>What the OpenAPI document says of the administration of users, and of the audit log.</summary>
internal static class AdminDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "Administration";

    private const string Details = """{"status":"success","data":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","role":"user","created_at":"2026-11-24T21:03:50Z","disabled_at":null,"locked_until":null,"sessions":1}}""";

    private static readonly ParameterDescription Id = new("id", "path", "The user's id.") { Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" };

    public static readonly OperationDescription ListUsers = new("listUsers", Tag, "Find users")
    {
        Text = "All users in pages, or those whose username or e-mail begins as `search` says.",
        Parameters =
        [
            new("search", "query", "How the username or the e-mail begins: at most 254 characters.") { Max = 254 },
            PageParameters.Limit,
            PageParameters.Cursor,
        ],
        Answers =
        [
            new(200, "A page of users.")
            {
                Example = """{"status":"success","data":{"items":[{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","role":"user","created_at":"2026-11-24T21:03:50Z","disabled_at":null}],"list_complete":true}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor],
    };

    public static readonly OperationDescription ReadUser = new("readUser", Tag, "Look at a user")
    {
        Text = "The account with what only administrators see: its state, and how many sessions it has.",
        Parameters = [Id],
        Answers = [new(200, "The user.") { Example = Details, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.UserNotFound],
    };

    public static readonly OperationDescription ChangeUser = new("changeUser", Tag, "Disable, enable, unlock a user, or change the role")
    {
        Text = "What is not there stays. A user who is disabled, or whose role changes, is signed out everywhere.",
        Parameters = [Id],
        Body = new(typeof(UserChange), """{"disabled":true}"""),
        Answers = [new(200, "The user as it is now.") { Example = Details, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.UserNotFound, ErrorCatalogue.LastAdmin],
    };

    public static readonly OperationDescription DeleteUser = new("deleteUser", Tag, "Delete a user")
    {
        Text = "Closes the account at once, and erases everything that both services hold of it.",
        Parameters = [Id],
        Answers =
        [
            IdentityDescription.Done("The account is closed, and is being erased.", "Account closed. Everything that is stored of it is being erased.", 202),
        ],
        Errors = [ErrorCatalogue.UserNotFound, ErrorCatalogue.LastAdmin],
    };

    public static readonly OperationDescription RevokeUser = new("revokeUser", Tag, "End all sessions, tokens and API keys of a user")
    {
        Text = "The user may sign in again.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("They end everywhere within seconds.", "All sessions and tokens of the user have ended.")],
        Errors = [ErrorCatalogue.UserNotFound],
    };

    public static readonly OperationDescription ReadAudit = new("readAudit", Tag, "Read the audit log")
    {
        Text = "The newest event comes first.",
        Parameters =
        [
            new("kind", "query", "What happened, such as `user.sign_in`.") { Max = 128 },
            new("actor", "query", "The id of who did it.") { Max = 128 },
            new("subject", "query", "The id of whom or what it was done to.") { Max = 128 },
            new("from", "query", "From this moment on (RFC 3339).") { Format = "date-time" },
            new("to", "query", "Before this moment (RFC 3339).") { Format = "date-time" },
            PageParameters.Limit,
            PageParameters.Cursor,
        ],
        Answers =
        [
            new(200, "A page of events.")
            {
                Example = """{"status":"success","data":{"items":[{"id":42,"at":"2026-11-24T21:03:50Z","kind":"user.sign_in","outcome":"success","actor":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","subject":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","client_address":"192.0.2.1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}],"list_complete":true}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor],
    };
}

/// <summary>What to change of a user: at least one member.</summary>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="Disabled">Whether the user may not sign in.</param>
/// <param name="Locked">False lifts a lockout; only wrong passwords lock.</param>
public sealed record UserChange([property: MayBeNull] string? Role, [property: MayBeNull] bool? Disabled, [property: MayBeNull] bool? Locked);
