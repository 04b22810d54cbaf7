using KvAspire.Identity.OpenApi;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Sessions;

/// <summary>What the OpenAPI document says of sessions.</summary>
internal static class SessionsDescription
{
    private static readonly ParameterDescription Id = new("id", "path", "The session.") { Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" };

    public static readonly OperationDescription SignOut = new("signOut", TokensDescription.Tag, "Sign out")
    {
        Text = "Ends the session of the token: its refresh tokens, and within seconds every access token of it.",
        Answers = [IdentityDescription.Done("The session has ended.", "Signed out successfully.")],
    };

    public static readonly OperationDescription List = new("listSessions", TokensDescription.Tag, "List your sessions")
    {
        Text = "One for each sign-in that has not ended; `current` marks that of the token.",
        Answers =
        [
            new(200, "The sessions, newest first.")
            {
                Example = """{"status":"success","data":{"items":[{"session_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","client_id":"kvaspire","scope":"kv:read kv:write","user_agent":"curl/8.5.0","created_at":"2026-11-24T21:03:50Z","last_used_at":"2026-11-24T22:03:50Z","expires_at":"2026-12-08T22:03:50Z","current":true}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription End = new("endSession", TokensDescription.Tag, "End one of your sessions")
    {
        Text = "Its refresh token ends at once, and its access tokens within seconds.",
        Parameters = [Id],
        Answers = [IdentityDescription.Done("The session has ended.", "Session ended successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}
