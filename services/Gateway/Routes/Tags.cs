namespace KvAspire.Gateway.Routes;

/// <summary>The groups of operations in the OpenAPI document.</summary>
internal static class Tags
{
    public const string Entries = "Entries";
    public const string ManyAtOnce = "Many at once";
    public const string WatchAndHistory = "Watch and history";
    public const string Accounts = "Accounts";
    public const string SigningIn = "Signing in";
    public const string ApiKeys = "API keys";
    public const string OAuth = "OAuth 2.0";
    public const string Discovery = "Discovery";
    public const string Administration = "Administration";
    public const string System = "System";

    /// <summary>All of them, in the document's order.</summary>
    public static IReadOnlyList<(string Name, string Text)> All { get; } =
    [
        (Entries, "Keys and their values. Each belongs to the user of the token; another user's is not there."),
        (ManyAtOnce, "Many operations in one request."),
        (WatchAndHistory, "Changes as they come, and as they were."),
        (Accounts, "Registration, and a user's own account."),
        (SigningIn, "Sessions and their tokens."),
        (ApiKeys, "Keys with which machines act for a user."),
        (OAuth, "For standard clients, in the formats of RFC 6749 and OpenID Connect."),
        (Discovery, "What standard clients look for first."),
        (Administration, "For tokens that grant `kv:admin`."),
        (System, "The gateway itself."),
    ];
}
