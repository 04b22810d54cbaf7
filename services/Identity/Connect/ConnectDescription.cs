using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Connect;

/// <summary>Describes the OAuth endpoints in the OpenAPI document.</summary>
internal static class ConnectDescription
{
    private static readonly AnswerDescription Invalid = new(400, "The request is not valid (RFC 6749, section 5.2).")
    {
        Type = typeof(DescribedOAuthError),
        Example = """{"error":"invalid_grant","error_description":"The grant is not valid or has expired.","trace_id":"0af7651916cd43dd8448eb211c80319c"}""",
    };

    private static readonly AnswerDescription Unauthenticated = new(401, "The client's credentials in HTTP Basic are not valid. Those in the form get 400.")
    {
        Type = typeof(DescribedOAuthError),
        Example = """{"error":"invalid_client","error_description":"The client's credentials are not valid.","trace_id":"0af7651916cd43dd8448eb211c80319c"}""",
        Headers = ["WWW-Authenticate"],
    };

    private static readonly AnswerDescription Busy = new(503, "Too many passwords wait to be checked. Retry later.")
    {
        Type = typeof(DescribedOAuthError),
        Example = """{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable. Please try again later."}""",
        Headers = ["Retry-After"],
    };

    public static readonly OperationDescription Token = new("grantToken", "Get tokens (RFC 6749)")
    {
        Text = "`client_credentials` for a client itself, `refresh_token`, and `password` for first-party clients and for requests without a registered client (`client_id=kvaspire`, or none).",
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
            Busy,
        ],
    };

    public static readonly OperationDescription Revoke = new("revokeToken", "Revoke a token (RFC 7009)")
    {
        Text = "Revoking a refresh token ends its session, revoking an access token ends that token. A token that is not valid gets the same answer.",
        Body = new(typeof(TokenForm), """{"token":"kD3fR…","client_id":"kvaspire"}""", BodyDescription.Form),
        Answers = [new(200, "The token is no longer valid."), Invalid, Unauthenticated],
    };

    public static readonly OperationDescription Introspect = new("introspectToken", "Introspect a token (RFC 7662)")
    {
        Text = "For confidential clients that are registered to serve the token's audience. Any other client learns only `{\"active\":false}`.",
        Body = new(typeof(TokenForm), """{"token":"eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"}""", BodyDescription.Form),
        Answers =
        [
            new(200, "The state and claims of the token.")
            {
                Type = typeof(TokenDescription),
                Example = """{"active":true,"scope":"kv:read kv:write","client_id":"kvaspire","token_type":"Bearer","exp":1795564800,"iat":1795561200,"sub":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b"}""",
                Headers = ["Cache-Control"],
            },
            Invalid,
            Unauthenticated,
        ],
    };

    public static readonly OperationDescription UserInfo = new("readUserInfo", "Read the claims of the signed-in user (OpenID Connect)")
    {
        Text = "The claims of the token's user. The token must belong to a session.",
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

/// <summary>
/// A request for tokens. A client authenticates by HTTP Basic, or by <c>client_id</c> and <c>client_secret</c>.
/// </summary>
/// <param name="GrantType"><c>client_credentials</c>, <c>refresh_token</c> or <c>password</c>.</param>
/// <param name="Scope">The requested scopes, separated by spaces; all allowed scopes where it is left out.</param>
/// <param name="Resource">The resource that the tokens are for (RFC 8707): the issuer's URL, or left out.</param>
/// <param name="Username">For <c>password</c>.</param>
/// <param name="Password">For <c>password</c>.</param>
/// <param name="RefreshToken">For <c>refresh_token</c>.</param>
/// <param name="ClientId">The id of the client.</param>
/// <param name="ClientSecret">The secret of the client.</param>
public sealed record GrantForm(
    string GrantType, string? Scope, string? Resource, string? Username, string? Password, string? RefreshToken, string? ClientId,
    string? ClientSecret);

/// <summary>
/// A request about a token. A client authenticates by HTTP Basic, or by <c>client_id</c> and <c>client_secret</c>.
/// </summary>
/// <param name="Token">The token.</param>
/// <param name="TokenTypeHint">The type of the token; the server needs no hint.</param>
/// <param name="ClientId">The id of the client.</param>
/// <param name="ClientSecret">The secret of the client.</param>
public sealed record TokenForm(string Token, string? TokenTypeHint, string? ClientId, string? ClientSecret);

/// <summary>An error in the format of RFC 6749, section 5.2.</summary>
/// <param name="Error">
/// <c>invalid_request</c>, <c>invalid_client</c>, <c>invalid_grant</c>, <c>invalid_scope</c>, <c>invalid_target</c>, <c>unauthorized_client</c>,
/// <c>unsupported_grant_type</c>, <c>invalid_token</c>, <c>insufficient_scope</c>, <c>temporarily_unavailable</c> or <c>server_error</c>.
/// </param>
/// <param name="ErrorDescription">The error in words.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
public sealed record DescribedOAuthError(string Error, string ErrorDescription, string TraceId);
