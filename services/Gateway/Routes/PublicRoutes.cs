using KvAspire.Gateway.Admission.Budgets;
using KvAspire.TokenChecking;
using static KvAspire.Gateway.Admission.Budgets.BudgetKind;

namespace KvAspire.Gateway.Routes;

/// <summary>Every path that the public can reach, a row each. Any other path is 404, any other method 405.</summary>
internal static class PublicRoutes
{
    /// <summary>The service that has the entries.</summary>
    public const string Data = "data";

    /// <summary>The routes whose small requests go in batches.</summary>
    public const string EntryRead = "entry-read", EntryChange = "entry-change";

    private const string Identity = "identity";
    private const string Anonymous = PublicRoute.Anonymous;
    private const string Session = Scopes.SessionPolicy;
    private const string Entry = "/api/data/{**key}";

    private static readonly string[] Get = ["GET", "HEAD"];
    private static readonly string[] GetOnly = ["GET"];
    private static readonly string[] Post = ["POST"];
    private static readonly string[] Delete = ["DELETE"];
    private static readonly string[] Change = ["PUT", "DELETE"];

    public static IReadOnlyList<PublicRoute> All { get; } =
    [
        Row("register", "/api/register", Post, Identity, Anonymous, Registration, seconds: 60, Tags.Accounts),
        Row("token", "/api/token", Post, Identity, Anonymous, SignIn, seconds: 30, Tags.SigningIn),
        Row("discovery", "/.well-known/openid-configuration", Get, Identity, Anonymous, Other, seconds: 10, Tags.Discovery),
        Row("jwks", "/.well-known/jwks.json", Get, Identity, Anonymous, Other, seconds: 10, Tags.Discovery),

        Row("authorization-server", "/.well-known/oauth-authorization-server", Get, Identity, Anonymous, Other, seconds: 10, Tags.Discovery),
        Row("connect-token", "/connect/token", Post, Identity, Anonymous, SignIn, seconds: 30, Tags.OAuth)
            with { Client = ClientAuthentication.Optional, HasOAuthErrors = true },
        Row("connect-revocation", "/connect/revocation", Post, Identity, Anonymous, Other, seconds: 10, Tags.OAuth)
            with { Client = ClientAuthentication.Optional, HasOAuthErrors = true, PassesOverload = true },
        Row("connect-introspect", "/connect/introspect", Post, Identity, Anonymous, Introspection, seconds: 10, Tags.OAuth)
            with { Client = ClientAuthentication.Required, HasOAuthErrors = true },
        Row("connect-userinfo", "/connect/userinfo", ["GET", "POST"], Identity, Session, Account, seconds: 10, Tags.OAuth)
            with { HasOAuthErrors = true },

        Row("logout", "/api/logout", Post, Identity, Session, Account, seconds: 10, Tags.SigningIn) with { PassesOverload = true },
        Row("account", "/api/account", ["GET", "DELETE"], Identity, Scopes.Account, Account, seconds: 60, Tags.Accounts),
        Row("account-change", "/api/account", ["PATCH"], Identity, Scopes.Account, Registration, seconds: 60, Tags.Accounts), // tells whether an e-mail is taken
        Row("account-password", "/api/account/password", Post, Identity, Scopes.PasswordPolicy, Account, seconds: 30, Tags.Accounts),
        Row("account-export", "/api/account/export", GetOnly, Identity, Scopes.Account, Account, seconds: 300, Tags.Accounts)
            with { FurtherScope = Scopes.Read },
        Row("account-sessions", "/api/account/sessions", GetOnly, Identity, Scopes.Account, Account, seconds: 10, Tags.SigningIn),
        Row("account-session-end", "/api/account/sessions/{id}", Delete, Identity, Scopes.Account, Account, seconds: 10, Tags.SigningIn)
            with { PassesOverload = true },
        Row("api-keys", "/api/keys", ["GET", "POST"], Identity, Scopes.Account, Account, seconds: 30, Tags.ApiKeys),
        Row("api-key-revoke", "/api/keys/{id}", Delete, Identity, Scopes.Account, Account, seconds: 10, Tags.ApiKeys),
        Row("admin", "/api/admin/{**rest}", ["GET", "POST", "PATCH", "DELETE"], Identity, Scopes.Admin, Account, seconds: 60, Tags.Administration),

        Row("data-list", "/api/data", Get, Data, Scopes.Read, Read, seconds: 30, Tags.Entries),
        Row("data-create", "/api/data", Post, Data, Scopes.Write, Write, seconds: 30, Tags.Entries),
        Row("data-change", "/api/data", Change, Data, Scopes.Write, Write, seconds: 30, Tags.Entries), // ?key=
        Row(EntryRead, Entry, Get, Data, Scopes.Read, Read, seconds: 10, Tags.Entries) with { IsOfOneEntry = true },
        Row(EntryChange, Entry, Change, Data, Scopes.Write, Write, seconds: 30, Tags.Entries) with { IsOfOneEntry = true },
        Row("bulk", "/api/bulk", Post, Data, Scopes.ReadOrWrite, Write, seconds: 60, Tags.ManyAtOnce) with { TakesLargeBodies = true },
        Row("txn", "/api/txn", Post, Data, Scopes.Write, Write, seconds: 60, Tags.ManyAtOnce) with { TakesLargeBodies = true },
        Row("counters", "/api/counters/{**key}", Post, Data, Scopes.Write, Write, seconds: 30, Tags.Entries), // or ?key=
        Row("watch", "/api/watch", GetOnly, Data, Scopes.Read, Read, seconds: null, Tags.WatchAndHistory), // ends with the token
        Row("revisions", "/api/revisions", Get, Data, Scopes.Read, Read, seconds: 30, Tags.WatchAndHistory),
        Row("revisions-restore", "/api/revisions/restore", Post, Data, Scopes.Write, Write, seconds: 30, Tags.WatchAndHistory),
        Row("usage", "/api/usage", Get, Data, Scopes.Read, Read, seconds: 10, Tags.Entries),
    ];

    private static PublicRoute Row(
        string id, string path, string[] methods, string service, string policy, BudgetKind budget, int? seconds, string tag) =>
        new(id, path, methods, service, policy, budget, seconds is { } limit ? TimeSpan.FromSeconds(limit) : null, tag);
}
