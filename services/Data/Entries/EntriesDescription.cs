using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Entries;

/// <summary>What the OpenAPI document says of the operations on entries.</summary>
internal static class EntriesDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "Entries";

    /// <summary>An answer that has a sentence alone.</summary>
    public const string Updated = """{"status":"success","message":"Data updated successfully."}""";

    /// <summary>The entry of the examples.</summary>
    public const string Example = """{"status":"success","data":{"key":"users/42","value":{"name":"Ada"},"metadata":{"team":"blue"},"expires_at":"2030-01-01T00:00:00Z"}}""";

    /// <summary>What is wrong with what is to be stored.</summary>
    public static readonly ApiError[] ContentErrors =
    [
        ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidValue, ErrorCatalogue.ValueTooLarge, ErrorCatalogue.InvalidMetadata,
        ErrorCatalogue.InvalidTtl, ErrorCatalogue.QuotaExceeded, ErrorCatalogue.OutcomeUnknown,
    ];

    public static readonly OperationDescription Read = new("readEntry", Tag, "Read an entry")
    {
        Text = "The value comes back as it was sent: number text, member order and all. `Cache-Status` says where the answer came from.",
        Parameters = [DataParameters.Key, DataParameters.IfMatch, DataParameters.IfNoneMatch, DataParameters.CacheControl],
        Answers =
        [
            new(200, "The entry.") { Type = typeof(SuccessEnvelope<StoredEntry>), Example = Example, Headers = ["ETag", "Cache-Status"] },
            new(304, "The entry is as `If-None-Match` says.") { Headers = ["ETag", "Cache-Status"] },
        ],
        Errors = [ErrorCatalogue.InvalidKey, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed],
    };

    public static readonly OperationDescription Create = new("createEntry", Tag, "Store an entry under a new key")
    {
        Text = "A key that is there already is 409 and stays as it is. With an `Idempotency-Key` the request may be sent again.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(NewEntry), """{"key":"users/42","value":{"name":"Ada"},"metadata":{"team":"blue"},"ttl_seconds":86400}"""),
        Answers =
        [
            new(201, "It is stored, durably.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data stored successfully."}""",
                Headers = ["Location", "ETag"],
            },
        ],
        Errors = [.. ContentErrors, ErrorCatalogue.KeyExists, .. WriteFailures.OfOnceKeys],
    };

    public static readonly OperationDescription Update = new("updateEntry", Tag, "Replace the value of an entry")
    {
        Text = "Value, metadata and time to live are replaced by what is sent; what is not sent is gone. With `upsert=true` a key that is not there is created.",
        Parameters =
        [
            DataParameters.Key,
            new("upsert", "query", "Whether a key that is not there is created.") { Type = "boolean", Default = "false" },
            DataParameters.IfMatch,
            DataParameters.IfNoneMatch,
            DataParameters.IdempotencyKey,
        ],
        Body = new(typeof(EntryChange), """{"value":{"name":"Ada Lovelace"}}"""),
        Answers =
        [
            new(200, "It is replaced, durably.") { Type = typeof(SuccessEnvelope<object>), Example = Updated, Headers = ["ETag"] },
            new(201, "It is created, durably: only with `upsert=true`.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data stored successfully."}""",
                Headers = ["Location", "ETag"],
            },
        ],
        Errors = [.. ContentErrors, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed, .. WriteFailures.OfOnceKeys],
    };

    public static readonly OperationDescription Delete = new("deleteEntry", Tag, "Delete an entry")
    {
        Text = "Where there is none it is 404; `If-Match` demands the revision that is to go.",
        Parameters = [DataParameters.Key, DataParameters.IfMatch, DataParameters.IfNoneMatch, DataParameters.IdempotencyKey],
        Answers =
        [
            new(200, "It is deleted, durably.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data deleted successfully."}""",
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed, ErrorCatalogue.OutcomeUnknown,
            .. WriteFailures.OfOnceKeys,
        ],
    };
}

/// <summary>An entry.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value: any JSON but null, as it was sent.</param>
/// <param name="Metadata">A JSON object of the user's own; left out where there is none.</param>
/// <param name="ExpiresAt">When the entry will be gone; left out where it stays.</param>
public sealed record StoredEntry(string Key, JsonElement Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>What to store under a key. Of <c>ttl_seconds</c> and <c>expires_at</c> there may be one.</summary>
/// <param name="Key">The key: 1 to 512 bytes of UTF-8 without control characters, but not <c>.</c> or <c>..</c>.</param>
/// <param name="Value">The value: any JSON but null, up to 1 MiB.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">After how many seconds the entry will be gone: 1 to 3162240000.</param>
/// <param name="ExpiresAt">When the entry will be gone (RFC 3339).</param>
public sealed record NewEntry(
    string Key, JsonElement Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata, [property: MayBeNull] long? TtlSeconds,
    [property: MayBeNull] DateTimeOffset? ExpiresAt);

/// <summary>What to store in the place of an entry. Of <c>ttl_seconds</c> and <c>expires_at</c> there may be one.</summary>
/// <param name="Value">The value: any JSON but null, up to 1 MiB.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">After how many seconds the entry will be gone: 1 to 3162240000.</param>
/// <param name="ExpiresAt">When the entry will be gone (RFC 3339).</param>
public sealed record EntryChange(
    JsonElement Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata, [property: MayBeNull] long? TtlSeconds,
    [property: MayBeNull] DateTimeOffset? ExpiresAt);
