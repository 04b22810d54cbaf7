using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KvAspire.AppHost.Tests.Traces;

/// <summary>A request, and what its trace has to look like.</summary>
/// <param name="Operation">The method and the path of the OpenAPI document.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Path">What the request goes through behind the gateway: services, then <c>postgresql</c> and <c>redis</c>.</param>
/// <param name="Target">The path and the query.</param>
/// <param name="Body">The body, if any: JSON or a form.</param>
/// <param name="Token">The access token.</param>
internal sealed record TracedCall(
    string Operation, int Status, string Path, string Target, object? Body = null, string? Token = null)
{
    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The request. Its user agent finds its trace again.</summary>
    public HttpRequestMessage Request(string userAgent)
    {
        var request = new HttpRequestMessage(new(Operation.Split(' ')[0]), Target)
        {
            Content = Body switch
            {
                null => null,
                IReadOnlyDictionary<string, string> form => new FormUrlEncodedContent(form),
                _ => new StringContent(JsonSerializer.Serialize(Body), Encoding.UTF8, "application/json"), // with a length: batches ask for it
            },
        };
        request.Headers.UserAgent.ParseAdd(userAgent);
        if (Token is not null)
            request.Headers.Authorization = new("Bearer", Token);
        foreach (var (name, value) in Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}

/// <summary>
/// A call of each public operation, in an order in which each finds what it needs. An answer's members are texts that later calls name.
/// </summary>
internal sealed class TracedCalls(Account user, Account leaver, Account victim, string admin)
{
    private const string Identity = "identity", IdentityDb = "identity postgresql", DataDb = "data postgresql", Stores = "data postgresql redis";
    private const string Untraced = "untraced";

    private static readonly string[] Scopes = ["kv:read"];

    private readonly string name = $"traced-{Guid.NewGuid():N}"[..20];
    private JsonNode? last;

    /// <summary>Keeps what the next calls need of an answer.</summary>
    public void Remember(string answer) => last = answer.StartsWith('{') ? JsonNode.Parse(answer) : null;

    /// <summary>The calls. Each is made, and its answer remembered, before the next is asked for.</summary>
    public IEnumerable<TracedCall> All() => Documents().Concat(Entries()).Concat(Accounts()).Concat(OAuth()).Concat(Administration()).Concat(Ends());

    private static IEnumerable<TracedCall> Documents()
    {
        foreach (var method in new[] { "GET", "HEAD" })
        {
            yield return new($"{method} /.well-known/jwks.json", 200, Identity, "/.well-known/jwks.json");
            yield return new($"{method} /.well-known/openid-configuration", 200, Identity, "/.well-known/openid-configuration");
            yield return new($"{method} /.well-known/oauth-authorization-server", 200, Identity, "/.well-known/oauth-authorization-server");
        }

        yield return new("GET /openapi/v1.json", 200, "", "/openapi/v1.json");
        yield return new("GET /health", 200, Untraced, "/health");
        yield return new("GET /alive", 200, Untraced, "/alive");
    }

    private IEnumerable<TracedCall> Entries()
    {
        var (token, key) = (user.AccessToken, name);
        var value = new { value = 1 };
        yield return new("POST /api/data", 201, Stores, "/api/data", new { key, value = 1 }, token);
        yield return new("POST /api/data", 400, "data", "/api/data", new { key }, token);
        yield return new("GET /api/data/{key}", 200, "data redis", $"/api/data/{key}", Token: token); // by a batch
        yield return new("GET /api/data/{key}", 304, "data redis", $"/api/data/{key}", Token: token) { Headers = Header("If-None-Match", "*") };
        yield return new("GET /api/data/{key}", 404, Stores, $"/api/data/{key}-missing", Token: token);
        yield return new("GET /api/data/{key}", 404, "data redis", $"/api/data/{key}-missing", Token: token); // the cache knows
        yield return new("GET /api/data/{key}", 401, "", $"/api/data/{key}");
        yield return new("GET /api/data/{key}", 401, "", $"/api/data/{key}", Token: "not.a.token");
        yield return new("HEAD /api/data/{key}", 200, "data redis", $"/api/data/{key}", Token: token);
        yield return new("POST /api/data", 409, Stores, "/api/data", new { key, value = 1 }, token);
        yield return new("PUT /api/data/{key}", 200, Stores, $"/api/data/{key}", value, token);
        yield return new("PUT /api/data/{key}", 404, Stores, $"/api/data/{key}-none", value, token);
        yield return new("PUT /api/data/{key}", 412, Stores, $"/api/data/{key}", value, token) { Headers = Header("If-Match", "\"1\"") };
        yield return new("PUT /api/data", 200, Stores, $"/api/data?key={key}", value, token);
        yield return new("GET /api/data", 200, DataDb, "/api/data", Token: token);
        yield return new("HEAD /api/data", 200, DataDb, "/api/data", Token: token);
        yield return new("POST /api/bulk", 200, Stores, "/api/bulk", new { operations = new object[] { new { op = "put", key = "a", value = 1 }, new { op = "get", key } } }, token);
        yield return new("POST /api/txn", 200, Stores, "/api/txn", new { operations = new object[] { new { op = "put", key = "b", value = 1 } } }, token);
        yield return new("POST /api/counters/{key}", 200, Stores, "/api/counters/c", new { delta = 1 }, token);
        yield return new("POST /api/counters", 200, Stores, "/api/counters?key=c", new { delta = 1 }, token);
        yield return new("GET /api/revisions", 200, DataDb, $"/api/revisions?key={key}", Token: token);
        var revision = last?["data"]?["revisions"]?[0]?["revision"]?.ToString() ?? "0";
        yield return new("HEAD /api/revisions", 200, DataDb, $"/api/revisions?key={key}", Token: token);
        yield return new("POST /api/revisions/restore", 200, Stores, "/api/revisions/restore", new { key, revision = long.Parse(revision, CultureInfo.InvariantCulture) }, token);
        yield return new("GET /api/usage", 200, DataDb, "/api/usage", Token: token);
        yield return new("HEAD /api/usage", 200, DataDb, "/api/usage", Token: token);
        yield return new("DELETE /api/data/{key}", 200, Stores, $"/api/data/{key}", Token: token);
        yield return new("DELETE /api/data", 200, Stores, "/api/data?key=a", Token: token);
        yield return new("GET /api/watch", 200, DataDb, "/api/watch", Token: token);
    }

    private IEnumerable<TracedCall> Accounts()
    {
        var token = user.AccessToken;
        var newcomer = new { username = name, email = $"{name}@example.com", password = Account.Password, full_name = "John Doe" };
        yield return new("POST /api/register", 201, IdentityDb, "/api/register", newcomer);
        yield return new("POST /api/register", 409, IdentityDb, "/api/register", newcomer);
        yield return new("POST /api/token", 200, IdentityDb, "/api/token", new { username = name, password = Account.Password });
        yield return new("POST /api/token", 401, IdentityDb, "/api/token", new { username = name, password = "a wrong password" });
        yield return new("GET /api/account", 200, IdentityDb, "/api/account", Token: token);
        yield return new("PATCH /api/account", 200, IdentityDb, "/api/account", new { full_name = "Jane Doe" }, token);
        yield return new("GET /api/account/export", 200, "identity data postgresql", "/api/account/export", Token: token);
        yield return new("GET /api/account/sessions", 200, IdentityDb, "/api/account/sessions", Token: token);
        yield return new("DELETE /api/account/sessions/{id}", 404, IdentityDb, $"/api/account/sessions/{Guid.NewGuid()}", Token: token);
        yield return new("POST /api/keys", 201, IdentityDb, "/api/keys", new { name = "ci", scopes = Scopes }, token);
        var key = last?["data"]?["id"]?.GetValue<string>();
        yield return new("GET /api/keys", 200, IdentityDb, "/api/keys", Token: token);
        yield return new("DELETE /api/keys/{id}", 200, IdentityDb, $"/api/keys/{key}", Token: token);
    }

    private IEnumerable<TracedCall> OAuth()
    {
        yield return new("GET /connect/userinfo", 200, IdentityDb, "/connect/userinfo", Token: user.AccessToken);
        yield return new("POST /connect/userinfo", 200, IdentityDb, "/connect/userinfo", Token: user.AccessToken);
        yield return new("POST /connect/token", 400, IdentityDb, "/connect/token", Form(("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "x")));
        yield return new("POST /connect/introspect", 400, IdentityDb, "/connect/introspect", Form(("token", "x"), ("client_id", "nobody"), ("client_secret", "x")));
        yield return new("POST /connect/revocation", 200, Identity, "/connect/revocation", Form(("token", "x"), ("client_id", "kvaspire")));
    }

    private IEnumerable<TracedCall> Administration()
    {
        TracedCall Of(string method, string operation, int status, string target, object? body = null) =>
            new($"{method} {operation}", status, IdentityDb, target, body, admin);

        yield return Of("GET", "/api/admin/users", 200, "/api/admin/users");
        yield return Of("GET", "/api/admin/users/{id}", 200, $"/api/admin/users/{victim.UserId}");
        yield return Of("GET", "/api/admin/users/{id}", 404, $"/api/admin/users/{Guid.NewGuid()}");
        yield return new("GET /api/admin/users", 403, "", "/api/admin/users", Token: user.AccessToken);
        yield return Of("PATCH", "/api/admin/users/{id}", 200, $"/api/admin/users/{victim.UserId}", new { disabled = true });
        yield return Of("POST", "/api/admin/users/{id}/revoke", 200, $"/api/admin/users/{victim.UserId}/revoke");
        yield return Of("DELETE", "/api/admin/users/{id}", 202, $"/api/admin/users/{victim.UserId}");
        yield return Of("GET", "/api/admin/audit", 200, "/api/admin/audit");
        yield return Of("POST", "/api/admin/clients", 201, "/api/admin/clients", new { client_id = name, scope = "kv:read" });
        yield return Of("GET", "/api/admin/clients", 200, "/api/admin/clients");
        yield return Of("PATCH", "/api/admin/clients/{id}", 200, $"/api/admin/clients/{name}", new { disabled = false });
        yield return Of("POST", "/api/admin/clients/{id}/secret", 200, $"/api/admin/clients/{name}/secret");
        yield return Of("DELETE", "/api/admin/clients/{id}", 200, $"/api/admin/clients/{name}");
        yield return new("GET /api/admin/signing-keys", 200, Identity, "/api/admin/signing-keys", Token: admin);
        yield return Of("POST", "/api/admin/signing-keys/rotate", 200, "/api/admin/signing-keys/rotate");
    }

    private IEnumerable<TracedCall> Ends()
    {
        yield return new("POST /api/account/password", 200, IdentityDb, "/api/account/password",
            new { old_password = Account.Password, new_password = "another_long_passphrase" }, user.AccessToken);
        yield return new("POST /api/logout", 200, IdentityDb, "/api/logout", Token: user.AccessToken);
        yield return new("DELETE /api/account", 202, IdentityDb, "/api/account", new { password = Account.Password }, leaver.AccessToken);
    }

    private static Dictionary<string, string> Header(string name, string value) => new() { [name] = value };

    private static Dictionary<string, string> Form(params (string Name, string Value)[] fields) => fields.ToDictionary(field => field.Name, field => field.Value);
}
