using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.Tokens;

/// <summary>What the OpenAPI document says of signing in.</summary>
internal static class TokensDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "Signing in";

    public static readonly OperationDescription Grant = new("signIn", Tag, "Sign in, or stay signed in")
    {
        Text = "With `username` and `password` a session begins. With `grant_type` `refresh_token` and a `refresh_token` it goes on: "
            + "the token is used up, and its successor comes with the next access token.",
        Body = new(typeof(TokenRequest), """{"username":"example_user","password":"secure_password123"}"""),
        Answers =
        [
            new(200, "The tokens.")
            {
                Example = """{"status":"success","message":"Access token generated successfully.","data":{"access_token":"eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…","expires_in":3600,"token_type":"Bearer","refresh_token":"kD3fR…","scope":"kv:read kv:write"}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.MissingFields, ErrorCatalogue.InvalidCredentials, ErrorCatalogue.InternalError],
    };
}

/// <summary>How a user signs in: with username and password, or with a refresh token.</summary>
/// <param name="Username">As it was registered, without regard to case.</param>
/// <param name="Password">The password.</param>
/// <param name="GrantType"><c>password</c>, which is meant where it is left out, or <c>refresh_token</c>.</param>
/// <param name="RefreshToken">What came with the last access token.</param>
public sealed record TokenRequest(string? Username, string? Password, [property: MayBeNull] string? GrantType, string? RefreshToken);
