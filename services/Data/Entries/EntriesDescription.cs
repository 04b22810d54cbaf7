using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Entries;

/// <summary>The OpenAPI descriptions of the operations on entries.</summary>
internal static class EntriesDescription
{
    /// <summary>The answer to a replacement.</summary>
    public const string Updated = """{"status":"success","message":"Data updated successfully."}""";

    /// <summary>The entry of the examples.</summary>
    public const string Example = """{"status":"success","data":{"key":"users/42","value":{"name":"Ada"},"metadata":{"team":"blue"},"expires_at":"2030-01-01T00:00:00Z"}}""";

    /// <summary>The errors of a body that says what to store.</summary>
    public static readonly ApiError[] ContentErrors =
    [
        ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidValue, ErrorCatalogue.ValueTooLarge, ErrorCatalogue.InvalidMetadata,
        ErrorCatalogue.InvalidTtl, ErrorCatalogue.QuotaExceeded, ErrorCatalogue.OutcomeUnknown,
    ];

    public static readonly OperationDescription Read = new("readEntry", "Read an entry")
    {
        Text = "The value is returned exactly as it was sent, including number format and member order. `Cache-Status` says where the answer came from.",
        Parameters = [DataParameters.Key, DataParameters.IfMatch, DataParameters.IfNoneMatch, DataParameters.CacheControl],
        Answers =
        [
            new(200, "The entry.")
            {
                Type = typeof(SuccessEnvelope<StoredEntry>),
                Example = Example,
                Headers = ["ETag", "Cache-Status", "Cache-Control"],
            },
            new(304, "The entry matches `If-None-Match`.") { Headers = ["ETag", "Cache-Status", "Cache-Control"] },
        ],
        Errors = [ErrorCatalogue.InvalidKey, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed],
    };

    public static readonly OperationDescription Create = new("createEntry", "Store an entry under a new key")
    {
        Text = "If the key exists, the answer is 409 and the entry stays unchanged. With an `Idempotency-Key` the request can be repeated safely.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(NewEntry), """{"key":"users/42","value":{"name":"Ada"},"metadata":{"team":"blue"},"ttl_seconds":86400}"""),
        Answers =
        [
            new(201, "The entry is stored durably.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data stored successfully."}""",
                Headers = ["Location", "ETag"],
            },
        ],
        Errors = [.. ContentErrors, ErrorCatalogue.KeyExists, .. WriteFailures.OfIdempotencyKeys],
    };

    public static readonly OperationDescription Update = new("updateEntry", "Replace the value of an entry")
    {
        Text = "Replaces value, metadata and time to live; metadata and time to live that are not sent are removed. With `upsert=true` a missing key is created.",
        Parameters =
        [
            DataParameters.Key,
            new("upsert", "query", "Whether a missing key is created.") { Type = "boolean", Default = "false" },
            DataParameters.IfMatch,
            DataParameters.IfNoneMatch,
            DataParameters.IdempotencyKey,
        ],
        Body = new(typeof(EntryChange), """{"value":{"name":"Ada Lovelace"}}"""),
        Answers =
        [
            new(200, "The entry is replaced durably.") { Type = typeof(SuccessEnvelope<object>), Example = Updated, Headers = ["ETag"] },
            new(201, "The entry is created durably (only with `upsert=true`).")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data stored successfully."}""",
                Headers = ["Location", "ETag"],
            },
        ],
        Errors = [.. ContentErrors, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed, .. WriteFailures.OfIdempotencyKeys],
    };

    public static readonly OperationDescription Delete = new("deleteEntry", "Delete an entry")
    {
        Text = "If the key is missing, the answer is 404. `If-Match` names the revision to delete.",
        Parameters = [DataParameters.Key, DataParameters.IfMatch, DataParameters.IfNoneMatch, DataParameters.IdempotencyKey],
        Answers =
        [
            new(200, "The entry is deleted durably.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data deleted successfully."}""",
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidRequest, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed,
            ErrorCatalogue.OutcomeUnknown,
            .. WriteFailures.OfIdempotencyKeys,
        ],
    };
}

/// <summary>An entry.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value: any JSON but null, as it was sent.</param>
/// <param name="Metadata">A JSON object; left out if there is none.</param>
/// <param name="ExpiresAt">When the entry expires; left out if it does not.</param>
public sealed record StoredEntry(string Key, JsonElement Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>A new entry. It may have <c>ttl_seconds</c> or <c>expires_at</c>, not both.</summary>
/// <param name="Key">The key: 1 to 512 bytes of UTF-8 without control characters, but not <c>.</c> or <c>..</c>.</param>
/// <param name="Value">The value: any JSON but null, up to 1 MiB.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">The time to live in seconds: 1 to 3162240000.</param>
/// <param name="ExpiresAt">When the entry expires (RFC 3339).</param>
public sealed record NewEntry(
    string Key, JsonElement Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata, [property: MayBeNull] long? TtlSeconds,
    [property: MayBeNull] DateTimeOffset? ExpiresAt);

/// <summary>The new content of an entry. It may have <c>ttl_seconds</c> or <c>expires_at</c>, not both.</summary>
/// <param name="Value">The value: any JSON but null, up to 1 MiB.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">The time to live in seconds: 1 to 3162240000.</param>
/// <param name="ExpiresAt">When the entry expires (RFC 3339).</param>
public sealed record EntryChange(
    JsonElement Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata, [property: MayBeNull] long? TtlSeconds,
    [property: MayBeNull] DateTimeOffset? ExpiresAt);
