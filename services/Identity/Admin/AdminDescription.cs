using KvAspire.Identity.Accounts;
using KvAspire.Identity.OpenApi;
using KvAspire.Paging;

namespace KvAspire.Identity.Admin;

/// <summary>Describes the administration of users and the audit log in the OpenAPI document.</summary>
internal static class AdminDescription
{
    private const string Details = """{"status":"success","data":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","role":"user","created_at":"2026-11-24T21:03:50Z","disabled_at":null,"locked_until":null,"sessions":1}}""";

    private static readonly ParameterDescription Id = new("id", "path", "The user's id.") { Format = "uuid", Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" };

    public static readonly OperationDescription ListUsers = new("listUsers", "Find users")
    {
        Text = "All users in pages, or the users whose username or e-mail begins with `search`.",
        Parameters =
        [
            new("search", "query", "The beginning of the username or e-mail: at most 254 characters.") { Max = 254 },
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

    public static readonly OperationDescription ReadUser = new("readUser", "Read a user")
    {
        Text = "The account with its state and the number of its sessions, which only administrators see.",
        Parameters = [Id],
        Answers = [new(200, "The user.") { Example = Details, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.UserNotFound],
    };

    public static readonly OperationDescription ChangeUser = new("changeUser", "Disable, enable or unlock a user, or change the role")
    {
        Text = "Absent members stay as they are. Disabling a user or changing the role signs the user out everywhere.",
        Parameters = [Id],
        Body = new(typeof(UserChange), """{"disabled":true}"""),
        Answers = [new(200, "The user as it is now.") { Example = Details, Headers = ["Cache-Control"] }],
        Errors = [ErrorCatalogue.UserNotFound, ErrorCatalogue.LastAdmin],
    };

    public static readonly OperationDescription DeleteUser = new("deleteUser", "Delete a user")
    {
        Text = "Closes the account at once, and erases all its data in both services.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("The account is closed, and its data is being erased.", AccountsDescription.Closed, 202)],
        Errors = [ErrorCatalogue.UserNotFound, ErrorCatalogue.LastAdmin],
    };

    public static readonly OperationDescription RevokeUser = new("revokeUser", "End all sessions, tokens and API keys of a user")
    {
        Text = "The user may sign in again.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("All of them end everywhere within seconds.", "All sessions and tokens of the user have ended.")],
        Errors = [ErrorCatalogue.UserNotFound],
    };

    public static readonly OperationDescription ReadAudit = new("readAudit", "Read the audit log")
    {
        Text = "The newest event comes first. Failed sign-ins of one address are one event, which has the first and the last time and their number.",
        Parameters =
        [
            new("kind", "query", "The kind of the event, such as `user.sign_in`.") { Max = 128 },
            new("actor", "query", "The id of the user or client that did it.") { Max = 128 },
            new("subject", "query", "The id of the user, client, session or key that it was done to.") { Max = 128 },
            new("from", "query", "Events whose last repetition is at this moment or later (RFC 3339).") { Format = "date-time" },
            new("to", "query", "Events whose first repetition is before this moment (RFC 3339).") { Format = "date-time" },
            PageParameters.Limit,
            PageParameters.Cursor,
        ],
        Answers =
        [
            new(200, "A page of events.")
            {
                Example = """{"status":"success","data":{"items":[{"id":42,"at":"2026-11-24T21:03:50Z","count":1,"kind":"user.sign_in","outcome":"success","actor":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","subject":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","client_address":"192.0.2.1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}],"list_complete":true}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor],
    };
}

/// <summary>A change of a user: at least one member.</summary>
/// <param name="Role"><c>user</c> or <c>admin</c>.</param>
/// <param name="Disabled">Whether the user may not sign in.</param>
/// <param name="Locked">False lifts a lockout; only wrong passwords lock.</param>
public sealed record UserChange([property: MayBeNull] string? Role, [property: MayBeNull] bool? Disabled, [property: MayBeNull] bool? Locked);
