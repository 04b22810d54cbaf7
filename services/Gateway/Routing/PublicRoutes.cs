using KvAspire.ServiceDefaults.Tokens;
using Yarp.ReverseProxy.Configuration;

namespace KvAspire.Gateway.Routing;

/// <summary>
/// Every path that the public can reach, with its methods, the service that answers it and what a token must grant.
/// Anything else is 404, or 405 where only the method is wrong.
/// </summary>
internal static class PublicRoutes
{
    /// <summary>The service that has the entries.</summary>
    public const string Data = "data";

    private const string Anonymous = "anonymous"; // YARP's name for: no token needed
    private const string Identity = "identity";
    private const string Entry = "/api/data/{**key}";

    private static readonly string[] Get = ["GET", "HEAD"];
    private static readonly string[] Post = ["POST"];
    private static readonly string[] Change = ["PUT", "DELETE"];

    /// <summary>What has to work when nothing else does: whoever fears for an account must be able to sign out.</summary>
    public static IReadOnlySet<string> AreAlwaysOpen { get; } = new HashSet<string> { "logout", "account-session-end", "connect-revocation" };

    /// <summary>What carries many values in one request.</summary>
    public static IReadOnlySet<string> TakeLargeBodies { get; } = new HashSet<string> { "bulk", "txn" };

    public static IReadOnlyList<RouteConfig> All { get; } =
    [
        Route("register", "/api/register", Post, Identity, Anonymous, seconds: 60),
        Route("token", "/api/token", Post, Identity, Anonymous, seconds: 30),
        Route("discovery", "/.well-known/openid-configuration", Get, Identity, Anonymous, seconds: 10),
        Route("jwks", "/.well-known/jwks.json", Get, Identity, Anonymous, seconds: 10),

        Route("authorization-server", "/.well-known/oauth-authorization-server", Get, Identity, Anonymous, seconds: 10),
        Route("connect-token", "/connect/token", Post, Identity, Anonymous, seconds: 30),
        Route("connect-revocation", "/connect/revocation", Post, Identity, Anonymous, seconds: 10),
        Route("connect-introspect", "/connect/introspect", Post, Identity, Anonymous, seconds: 10),
        Route("connect-userinfo", "/connect/userinfo", ["GET", "POST"], Identity, Scopes.AccountPolicy, seconds: 10),

        Route("logout", "/api/logout", Post, Identity, Scopes.AccountPolicy, seconds: 10),
        Route("account", "/api/account", ["GET", "PATCH", "DELETE"], Identity, Scopes.AccountPolicy, seconds: 60),
        Route("account-password", "/api/account/password", Post, Identity, Scopes.AccountPolicy, seconds: 30),
        Route("account-export", "/api/account/export", ["GET"], Identity, Scopes.AccountPolicy, seconds: 300),
        Route("account-sessions", "/api/account/sessions", ["GET"], Identity, Scopes.AccountPolicy, seconds: 10),
        Route("account-session-end", "/api/account/sessions/{id}", ["DELETE"], Identity, Scopes.AccountPolicy, seconds: 10),
        Route("api-keys", "/api/keys", ["GET", "POST"], Identity, Scopes.AccountPolicy, seconds: 10),
        Route("api-key-revoke", "/api/keys/{id}", ["DELETE"], Identity, Scopes.AccountPolicy, seconds: 10),
        Route("admin", "/api/admin/{**rest}", ["GET", "POST", "PATCH", "DELETE"], Identity, Scopes.Admin, seconds: 60),

        Route("data-list", "/api/data", Get, Data, Scopes.Read, seconds: 30),
        Route("data-create", "/api/data", Post, Data, Scopes.Write, seconds: 30),
        Route("data-change", "/api/data", Change, Data, Scopes.Write, seconds: 30), // ?key=
        Route("entry-read", Entry, Get, Data, Scopes.Read, seconds: 10),
        Route("entry-change", Entry, Change, Data, Scopes.Write, seconds: 30),
        Route("bulk", "/api/bulk", Post, Data, Scopes.ReadOrWrite, seconds: 60), // each operation asks for its own
        Route("txn", "/api/txn", Post, Data, Scopes.Write, seconds: 60),
        Route("counters", "/api/counters/{**key}", Post, Data, Scopes.Write, seconds: 30), // or ?key=
        Route("watch", "/api/watch", ["GET"], Data, Scopes.Read, seconds: null), // as long as client and token last
        Route("revisions", "/api/revisions", Get, Data, Scopes.Read, seconds: 30),
        Route("revisions-restore", "/api/revisions/restore", Post, Data, Scopes.Write, seconds: 30),
        Route("usage", "/api/usage", Get, Data, Scopes.Read, seconds: 10),
    ];

    private static RouteConfig Route(string id, string path, string[] methods, string service, string policy, int? seconds) => new()
    {
        RouteId = id,
        Match = new RouteMatch { Path = path, Methods = methods },
        ClusterId = service,
        AuthorizationPolicy = policy,
        Timeout = seconds is { } limit ? TimeSpan.FromSeconds(limit) : null,
    };
}
