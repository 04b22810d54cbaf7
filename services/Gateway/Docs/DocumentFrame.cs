using System.Text.Json.Nodes;
using KvAspire.Gateway.Routes;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Docs;

/// <summary>The parts of the OpenAPI document around its operations.</summary>
internal static class DocumentFrame
{
    private const string Bearer = "bearer", OAuth2 = "oauth2", Basic = "basic";

    private static readonly (string Name, string Text, string Example)[] KnownHeaders =
    [
        ("ETag", "The revision of the entry, as a strong entity tag (RFC 9110).", "\"17\""),
        ("Location", "The path of the entry.", "/api/data/users/42"),
        ("Cache-Status", "Whether a cache answered (RFC 9211).", "kvaspire; hit"),
        ("Cache-Control", "Who may cache the response, and how long (RFC 9111).", "no-store"),
        ("Content-Disposition", "Suggests to save the response as a file (RFC 6266).", "attachment; filename=\"export.json\""),
        ("WWW-Authenticate", "How to authenticate (RFC 9110, RFC 6750).", "Bearer error=\"invalid_token\""),
        ("Accept-Encoding", "The accepted content coding, where the body had another one (RFC 9110).", "identity"),
        ("Retry-After", "The seconds to wait before a retry (RFC 9110).", "1"),
        ("RateLimit", "The remaining requests, and the seconds until there are more (draft-ietf-httpapi-ratelimit-headers).",
            "\"read\";r=99;t=12"),
        ("RateLimit-Policy", "The limit, and its window in seconds (draft-ietf-httpapi-ratelimit-headers).", "\"read\";q=100;w=60"),
    ];

    private static readonly (string Name, string Text)[] KnownScopes =
    [
        (Scopes.Read, "Read entries."),
        (Scopes.Write, "Write entries."),
        (Scopes.Account, "Change the account, its sessions and API keys."),
        (Scopes.Admin, "Administer users, clients and keys."),
    ];

    public static JsonObject Info() => new()
    {
        ["title"] = "KvAspire",
        ["version"] = "1",
        ["summary"] = "A key-value store for many users",
        ["description"] = "Register, get a token, store any JSON under any key, read it back byte for byte.\n\n"
            + "Responses under `/api` have an envelope: `{\"status\":\"success\",…}`, or `{\"status\":\"error\",\"code\":…,\"message\":…,\"trace_id\":…}`. "
            + "Clients branch on `code`. Quote `trace_id` to the operator. "
            + "With `Accept: application/problem+json`, errors are problem details (RFC 9457). "
            + "Unknown members of a request are ignored; with `Prefer: handling=strict` (RFC 7240) they are `INVALID_REQUEST`. "
            + "Releases may add members, codes and operations, and keep those that exist.",
        ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
    };

    public static JsonArray Tags() =>
        [.. Routes.Tags.All.Select(tag => new JsonObject { ["name"] = tag.Name, ["description"] = tag.Text })];

    public static JsonObject Headers() => new(KnownHeaders.Select(header => KeyValuePair.Create(header.Name, (JsonNode?)new JsonObject
    {
        ["description"] = header.Text,
        ["schema"] = new JsonObject { ["type"] = "string" },
        ["example"] = header.Example,
    })));

    /// <summary>The URLs are relative, so that the document does not depend on the gateway's address.</summary>
    public static JsonObject SecuritySchemes() => new()
    {
        [Bearer] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["bearerFormat"] = "JWT",
            ["description"] = "An access token (RFC 9068) or an API key (`kva_…`).",
        },
        [OAuth2] = new JsonObject
        {
            ["type"] = "oauth2",
            ["description"] = "`password` is for the first-party client (`client_id` kvaspire, no secret); "
                + "`client_credentials` is for clients that an administrator registered.",
            ["flows"] = new JsonObject
            {
                ["password"] = new JsonObject
                {
                    ["tokenUrl"] = "/connect/token",
                    ["refreshUrl"] = "/connect/token",
                    ["scopes"] = ScopeTexts(),
                },
                ["clientCredentials"] = new JsonObject { ["tokenUrl"] = "/connect/token", ["scopes"] = ScopeTexts(except: Scopes.Account) },
            },
        },
        [Basic] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "basic",
            ["description"] = "`client_id` and `client_secret` of a confidential client.",
        },
    };

    public static JsonArray Security(PublicRoute route) => (route.Policy, route.Client) switch
    {
        (PublicRoute.Anonymous, ClientAuthentication.Required) => [Needs(Basic)],
        (PublicRoute.Anonymous, ClientAuthentication.Optional) => [Needs(Basic), new JsonObject()],
        (PublicRoute.Anonymous, _) => [],
        (Scopes.ReadOrWrite, _) => [Needs(Bearer), Needs(OAuth2, Scopes.Read), Needs(OAuth2, Scopes.Write)],
        (Scopes.SessionPolicy, _) => [Needs(Bearer), Needs(OAuth2)],
        (Scopes.PasswordPolicy, _) => [Needs(Bearer), Needs(OAuth2, Scopes.Account)],
        var (scope, _) => [Needs(Bearer), route.FurtherScope is { } further ? Needs(OAuth2, scope, further) : Needs(OAuth2, scope)],
    };

    private static JsonObject Needs(string scheme, params string[] scopes) =>
        new() { [scheme] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]) };

    private static JsonObject ScopeTexts(string? except = null) =>
        new(KnownScopes.Where(scope => scope.Name != except).Select(scope => KeyValuePair.Create(scope.Name, (JsonNode?)scope.Text)));
}
