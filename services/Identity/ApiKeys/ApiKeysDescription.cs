using KvAspire.Identity.Accounts;
using KvAspire.Identity.OpenApi;

namespace KvAspire.Identity.ApiKeys;

/// <summary>Describes the endpoints of API keys in the OpenAPI document.</summary>
internal static class ApiKeysDescription
{
    public static readonly OperationDescription List = new("listApiKeys", "List your API keys")
    {
        Text = "All keys that are not revoked, including expired ones. A key itself is shown only when it is created.",
        Answers =
        [
            new(200, "The keys, newest first, without their secrets.")
            {
                Example = """{"status":"success","data":{"items":[{"id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","name":"ci","prefix":"kva_3f9c","scopes":["kv:read"],"key_prefix":"builds/","created_at":"2026-11-24T21:03:50Z"}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription Create = new("createApiKey", "Create an API key")
    {
        Text = "The key is shown once. A machine presents it as a bearer token: `Authorization: Bearer kva_…`. "
            + "It grants no more than the access token of this request. "
            + AccountsDescription.Proof,
        Body = new(typeof(NewApiKey), """{"name":"ci","scopes":["kv:read"],"key_prefix":"builds/","expires_at":"2030-01-01T00:00:00Z"}"""),
        Answers =
        [
            new(201, "The key.")
            {
                Example = """{"status":"success","message":"API key created successfully.","data":{"id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","name":"ci","prefix":"kva_3f9c","key":"kva_3f9c…","scopes":["kv:read"],"key_prefix":"builds/","created_at":"2026-11-24T21:03:50Z","expires_at":"2030-01-01T00:00:00Z"}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidApiKey, ErrorCatalogue.MissingFields, ErrorCatalogue.ReauthenticationRequired, ErrorCatalogue.WrongPassword,
            ErrorCatalogue.TooManyApiKeys,
        ],
    };

    public static readonly OperationDescription Revoke = new("revokeApiKey", "Revoke an API key")
    {
        Text = "The access tokens of the key end with it.",
        Parameters = [new("id", "path", "The key's id.") { Format = "uuid", Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" }],
        Answers = [IdentityDescription.Done("The key ends everywhere within seconds.", "API key revoked successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}

/// <summary>A request for a new API key.</summary>
/// <param name="Name">The user's name for the key: 1 to 100 characters.</param>
/// <param name="Scopes"><c>kv:read</c>, <c>kv:write</c>, or both.</param>
/// <param name="KeyPrefix">The prefix that the keys of entries must have; left out for all entries.</param>
/// <param name="ExpiresAt">The time of expiry; left out for never.</param>
/// <param name="CurrentPassword">The user's password; only where the sign-in is not recent.</param>
public sealed record NewApiKey(
    string Name, IReadOnlyList<string> Scopes, [property: MayBeNull] string? KeyPrefix, [property: MayBeNull] DateTimeOffset? ExpiresAt,
    [property: MayBeNull] string? CurrentPassword);
