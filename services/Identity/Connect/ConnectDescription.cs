using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Connect;

/// <summary>What the OpenAPI document says of OAuth's endpoints.</summary>
internal static class ConnectDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "OAuth 2.0";

    private static readonly AnswerDescription Invalid = new(400, "The request is not valid (RFC 6749, section 5.2).")
    {
        Type = typeof(DescribedOAuthError),
        Example = """{"error":"invalid_grant","error_description":"The grant is not valid, or no longer."}""",
    };

    private static readonly AnswerDescription Unauthenticated = new(401, "The client is not known by these credentials.")
    {
        Type = typeof(DescribedOAuthError),
        Example = """{"error":"invalid_client","error_description":"The client is not known by these credentials."}""",
        Headers = ["WWW-Authenticate"],
    };

    public static readonly OperationDescription Token = new("grantToken", Tag, "Get tokens (RFC 6749)")
    {
        Text = "`client_credentials` for a client itself, `refresh_token`, and `password` for our own front door (`client_id=kvaspire`, or none) and first-party clients.",
        Body = new(typeof(GrantForm), """{"grant_type":"client_credentials","scope":"kv:read"}""", BodyDescription.Form),
        Answers =
        [
            new(200, "The tokens.")
            {
                Type = typeof(IssuedToken),
                Example = """{"access_token":"eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…","expires_in":3600,"token_type":"Bearer","scope":"kv:read"}""",
                Headers = ["Cache-Control"],
            },
            Invalid,
            Unauthenticated,
        ],
    };

    public static readonly OperationDescription Revoke = new("revokeToken", Tag, "Revoke a token (RFC 7009)")
    {
        Text = "A refresh token ends its session, an access token itself. What is not valid needs no revoking, and is answered alike.",
        Body = new(typeof(TokenForm), """{"token":"kD3fR…","client_id":"kvaspire"}""", BodyDescription.Form),
        Answers = [new(200, "The token is not valid any more."), Invalid, Unauthenticated],
    };

    public static readonly OperationDescription Introspect = new("introspectToken", Tag, "Ask about a token (RFC 7662)")
    {
        Text = "For confidential clients.",
        Body = new(typeof(TokenForm), """{"token":"eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"}""", BodyDescription.Form),
        Answers =
        [
            new(200, "What is known of the token.")
            {
                Type = typeof(TokenDescription),
                Example = """{"active":true,"scope":"kv:read kv:write","client_id":"kvaspire","token_type":"Bearer","exp":1795564800,"iat":1795561200,"sub":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b"}""",
                Headers = ["Cache-Control"],
            },
            Invalid,
            Unauthenticated,
        ],
    };

    public static readonly OperationDescription UserInfo = new("readUserInfo", Tag, "Who has signed in (OpenID Connect)")
    {
        Text = "Claims about the user of the token, which must be a session's.",
        Answers =
        [
            new(200, "The claims of the user.")
            {
                Example = """{"sub":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","preferred_username":"example_user","name":"John Doe","email":"user@example.com"}""",
                Headers = ["Cache-Control"],
            },
        ],
    };
}

/// <summary>A request for tokens. A client authenticates by HTTP Basic, or by <c>client_id</c> and <c>client_secret</c>.</summary>
/// <param name="GrantType"><c>client_credentials</c>, <c>refresh_token</c> or <c>password</c>.</param>
/// <param name="Scope">Less than could be granted, separated by spaces.</param>
/// <param name="Username">For <c>password</c>.</param>
/// <param name="Password">For <c>password</c>.</param>
/// <param name="RefreshToken">For <c>refresh_token</c>.</param>
/// <param name="ClientId">The client.</param>
/// <param name="ClientSecret">Its secret.</param>
public sealed record GrantForm(
    string GrantType, string? Scope, string? Username, string? Password, string? RefreshToken, string? ClientId, string? ClientSecret);

/// <summary>A token that something is asked of. A client authenticates by HTTP Basic, or by <c>client_id</c> and <c>client_secret</c>.</summary>
/// <param name="Token">The token.</param>
/// <param name="TokenTypeHint">What it is; both kinds are told apart without.</param>
/// <param name="ClientId">The client.</param>
/// <param name="ClientSecret">Its secret.</param>
public sealed record TokenForm(string Token, string? TokenTypeHint, string? ClientId, string? ClientSecret);

/// <summary>An error as RFC 6749, section 5.2, has it.</summary>
/// <param name="Error"><c>invalid_request</c>, <c>invalid_client</c>, <c>invalid_grant</c>, <c>invalid_scope</c>, <c>unauthorized_client</c> or <c>unsupported_grant_type</c>.</param>
/// <param name="ErrorDescription">The same for people.</param>
public sealed record DescribedOAuthError(string Error, string? ErrorDescription);
