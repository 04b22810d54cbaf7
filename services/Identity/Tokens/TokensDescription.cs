namespace KvAspire.Identity.Tokens;

/// <summary>Describes signing in in the OpenAPI document.</summary>
internal static class TokensDescription
{
    public static readonly OperationDescription Grant = new("signIn", "Sign in, or stay signed in")
    {
        Text = "`username` and `password` begin a session. `grant_type=refresh_token` with a `refresh_token` continues it: "
            + "the answer has an access token and the successor of the refresh token, which is used up. "
            + "`scope` asks for less than all: `kv:read` alone, say.",
        Body = new(typeof(TokenRequest), """{"username":"example_user","password":"secure_password123"}"""),
        Answers =
        [
            new(200, "The tokens.")
            {
                Example = """{"status":"success","message":"Access token generated successfully.","data":{"access_token":"eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…","expires_in":3600,"token_type":"Bearer","refresh_token":"kD3fR…","scope":"kv:read kv:write kv:account"}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.MissingFields, ErrorCatalogue.InvalidScope, ErrorCatalogue.InvalidCredentials, ErrorCatalogue.InternalError],
    };
}

/// <summary>A sign-in by username and password, or by a refresh token.</summary>
/// <param name="Username">The username, in any case.</param>
/// <param name="Password">The password.</param>
/// <param name="GrantType"><c>password</c>, the default, or <c>refresh_token</c>.</param>
/// <param name="RefreshToken">The refresh token of the last answer.</param>
/// <param name="Scope">The requested scopes, separated by spaces; all that the user or the session has where it is left out.</param>
public sealed record TokenRequest(
    string? Username, string? Password, [property: MayBeNull] string? GrantType, string? RefreshToken, [property: MayBeNull] string? Scope);
