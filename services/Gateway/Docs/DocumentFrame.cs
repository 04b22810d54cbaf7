using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.Docs;

/// <summary>What stands around the operations in the OpenAPI document.</summary>
internal static class DocumentFrame
{
    private const string Bearer = "bearer", OAuth2 = "oauth2", Basic = "basic";

    private static readonly (string Name, string Text)[] KnownTags =
    [
        ("Entries", "Keys and their values. Each belongs to the user of the token; another user's is not there."),
        ("Many at once", "Many operations in one request."),
        ("Watch and history", "Changes as they come, and as they were."),
        ("Accounts", "Registration, and a user's own account."),
        ("Signing in", "Sessions and their tokens."),
        ("API keys", "Keys with which machines act for a user."),
        ("OAuth 2.0", "For standard clients, in the formats of RFC 6749 and OpenID Connect."),
        ("Discovery", "What standard clients look for first."),
        ("Administration", "For tokens that grant `kv:admin`."),
        ("System", "The gateway itself."),
    ];

    private static readonly (string Name, string Text, string Example)[] KnownHeaders =
    [
        ("ETag", "The revision of the entry, as a strong entity tag (RFC 9110).", "\"17\""),
        ("Location", "Where the entry is.", "/api/data/users/42"),
        ("Cache-Status", "Where the answer came from (RFC 9211).", "kvaspire; hit"),
        ("Cache-Control", "Who may keep the answer, and how long (RFC 9111).", "no-store"),
        ("Content-Disposition", "That the answer is meant to be saved (RFC 6266).", "attachment; filename=\"export.json\""),
        ("WWW-Authenticate", "How to authenticate (RFC 9110, RFC 6750).", "Bearer error=\"invalid_token\""),
        ("Retry-After", "After how many seconds it makes sense to try again (RFC 9110).", "1"),
        ("RateLimit", "What is left, and when there is more (draft-ietf-httpapi-ratelimit-headers).", "\"read\";r=99;t=12"),
        ("RateLimit-Policy", "What is allowed in which time (draft-ietf-httpapi-ratelimit-headers).", "\"read\";q=100;w=60"),
    ];

    public static JsonObject Info() => new()
    {
        ["title"] = "KvAspire",
        ["version"] = "1",
        ["summary"] = "A key-value store for many users",
        ["description"] = "Register, get a token, store any JSON under any key, read it back byte for byte.\n\n"
            + "Answers under `/api` wear an envelope: `{\"status\":\"success\",…}`, or `{\"status\":\"error\",\"code\":…,\"message\":…,\"trace_id\":…}`. "
            + "Clients branch on `code`; `trace_id` is what to quote to whoever runs the system. "
            + "With `Accept: application/problem+json` errors come as problem details (RFC 9457). "
            + "New members, codes and operations may be added; what is here stays.",
        ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
    };

    public static JsonArray Tags() =>
        [.. KnownTags.Select(tag => new JsonObject { ["name"] = tag.Name, ["description"] = tag.Text })];

    public static JsonObject Headers()
    {
        var headers = new JsonObject();
        foreach (var (name, text, example) in KnownHeaders)
        {
            headers[name] = new JsonObject
            {
                ["description"] = text,
                ["schema"] = new JsonObject { ["type"] = "string" },
                ["example"] = example,
            };
        }

        return headers;
    }

    /// <summary>The addresses are relative to the document: it is the same wherever the gateway is.</summary>
    public static JsonObject SecuritySchemes() => new()
    {
        [Bearer] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["bearerFormat"] = "JWT",
            ["description"] = "An access token (RFC 9068), or an API key (`kva_…`) in its place.",
        },
        [OAuth2] = new JsonObject
        {
            ["type"] = "oauth2",
            ["description"] = "`password` is for our own front door (`client_id` kvaspire, without a secret), `client_credentials` for clients that an administrator registered.",
            ["flows"] = new JsonObject
            {
                ["password"] = new JsonObject { ["tokenUrl"] = "/connect/token", ["refreshUrl"] = "/connect/token", ["scopes"] = ScopeTexts() },
                ["clientCredentials"] = new JsonObject { ["tokenUrl"] = "/connect/token", ["scopes"] = ScopeTexts() },
            },
        },
        [Basic] = new JsonObject { ["type"] = "http", ["scheme"] = "basic", ["description"] = "`client_id` and `client_secret` of a confidential client." },
    };

    /// <summary>What a request needs to be let through by the policy of its route.</summary>
    public static JsonArray Security(string path, string policy) => policy switch
    {
        "anonymous" when path is "/connect/introspect" => [Needs(Basic)],
        "anonymous" when path.StartsWith("/connect/", StringComparison.Ordinal) => [Needs(Basic), new JsonObject()],
        "anonymous" => [],
        Scopes.AccountPolicy when path is "/api/account/export" => [Needs(Bearer), Needs(OAuth2, Scopes.Read)], // Identity asks for both
        Scopes.ReadOrWrite => [Needs(Bearer), Needs(OAuth2, Scopes.Read), Needs(OAuth2, Scopes.Write)],
        Scopes.AccountPolicy => [Needs(Bearer), Needs(OAuth2)],
        _ => [Needs(Bearer), Needs(OAuth2, policy)],
    };

    private static JsonObject Needs(string scheme, params string[] scopes) =>
        new() { [scheme] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]) };

    private static JsonObject ScopeTexts() => new()
    {
        [Scopes.Read] = "Read entries.",
        [Scopes.Write] = "Write entries.",
        [Scopes.Admin] = "Administer users, clients and keys.",
    };
}
