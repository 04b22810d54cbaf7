using KvAspire.Identity.OpenApi;

namespace KvAspire.Identity.Sessions;

/// <summary>Describes the session endpoints in the OpenAPI document.</summary>
internal static class SessionsDescription
{
    private static readonly ParameterDescription Id = new("id", "path", "The id of the session.") { Format = "uuid", Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" };

    public static readonly OperationDescription SignOut = new("signOut", "Sign out")
    {
        Text = "Ends the session of the token: its refresh token at once, and its access tokens within seconds.",
        Answers = [IdentityDescription.Done("The session has ended.", "Signed out successfully.")],
    };

    public static readonly OperationDescription List = new("listSessions", "List your sessions")
    {
        Text = "One session for each sign-in that has not ended; `current` marks the session of the token.",
        Answers =
        [
            new(200, "The sessions, newest first.")
            {
                Example = """{"status":"success","data":{"items":[{"session_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","client_id":"kvaspire","scope":"kv:read kv:write kv:account","user_agent":"curl/8.5.0","created_at":"2026-11-24T21:03:50Z","last_used_at":"2026-11-24T22:03:50Z","expires_at":"2026-12-08T22:03:50Z","current":true}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription End = new("endSession", "End one of your sessions")
    {
        Text = "The refresh token ends at once, and the access tokens within seconds.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("The session has ended.", "Session ended successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}
