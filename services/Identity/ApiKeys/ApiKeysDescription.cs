using KvAspire.Identity.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.ApiKeys;

/// <summary>What the OpenAPI document says of API keys.</summary>
internal static class ApiKeysDescription
{
    private const string Tag = "API keys";

    public static readonly OperationDescription List = new("listApiKeys", Tag, "List your API keys")
    {
        Text = "Those that have not been revoked, also where they have expired. A key itself is shown once only, when it is made.",
        Answers =
        [
            new(200, "The keys, newest first, without what they are.")
            {
                Example = """{"status":"success","data":{"items":[{"id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","name":"ci","prefix":"kva_3f9c","scopes":["kv:read"],"key_prefix":"builds/","created_at":"2026-11-24T21:03:50Z"}]}}""",
                Headers = ["Cache-Control"],
            },
        ],
    };

    public static readonly OperationDescription Create = new("createApiKey", Tag, "Make an API key")
    {
        Text = "The key is shown once. A machine presents it as a bearer token: `Authorization: Bearer kva_…`. "
            + "It grants no more than the access token that it is made with.",
        Body = new(typeof(NewApiKey), """{"name":"ci","scopes":["kv:read"],"key_prefix":"builds/","expires_at":"2030-01-01T00:00:00Z"}"""),
        Answers =
        [
            new(201, "The key.")
            {
                Example = """{"status":"success","message":"API key created successfully.","data":{"id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","name":"ci","prefix":"kva_3f9c","key":"kva_3f9c…","scopes":["kv:read"],"key_prefix":"builds/","created_at":"2026-11-24T21:03:50Z","expires_at":"2030-01-01T00:00:00Z"}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.InvalidApiKey, ErrorCatalogue.TooManyApiKeys],
    };

    public static readonly OperationDescription Revoke = new("revokeApiKey", Tag, "Revoke an API key")
    {
        Text = "The access tokens that it was exchanged for end with it.",
        Parameters = [new("id", "path", "The key's id.") { Example = "\"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b\"" }],
        Answers = [IdentityDescription.Done("The key ends everywhere within seconds.", "API key revoked successfully.")],
        Errors = [ErrorCatalogue.NotFound],
    };
}

/// <summary>What a new API key is to be.</summary>
/// <param name="Name">What the user calls it: 1 to 100 characters.</param>
/// <param name="Scopes"><c>kv:read</c>, <c>kv:write</c>, or both.</param>
/// <param name="KeyPrefix">What the keys of entries must begin with; left out for all.</param>
/// <param name="ExpiresAt">When it ends; left out for never.</param>
public sealed record NewApiKey(
    string Name, IReadOnlyList<string> Scopes, [property: MayBeNull] string? KeyPrefix, [property: MayBeNull] DateTimeOffset? ExpiresAt);
