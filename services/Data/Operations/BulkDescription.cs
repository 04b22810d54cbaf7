using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Operations;

/// <summary>The OpenAPI description of bulk operations.</summary>
internal static class BulkDescription
{
    /// <summary>Running many operations.</summary>
    public static readonly OperationDescription Run = new("runBulk", "Run up to 1000 operations, each with its own outcome")
    {
        Text = "The operations run in their order, and each has its own outcome. The status is 200 even if operations fail. "
            + "A `get` needs the scope `kv:read`, the other operations need `kv:write`. "
            + "Reads fill an answer of at most 8 MiB. "
            + "An entry that does not fit is `RESPONSE_TOO_LARGE` (413), and smaller ones after it may fit. "
            + "With an `Idempotency-Key` a repeat continues where a failed attempt ended.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(BulkRequest), """{"operations":[{"op":"put","key":"a","value":1},{"op":"get","key":"b"},{"op":"delete","key":"c","if_match":17}]}"""),
        Answers =
        [
            new(200, "The outcome of each operation, in their order.")
            {
                Type = typeof(SuccessEnvelope<OperationOutcomes>),
                Example = """{"status":"success","data":{"results":[{"key":"a","status":201,"revision":18},{"key":"b","status":200,"revision":16,"value":"there"},{"key":"c","status":412,"code":"PRECONDITION_FAILED","message":"The entry is not in the state that the request demands."}]}}""",
            },
        ],
        Errors = [ErrorCatalogue.OutcomeUnknown, .. WriteFailures.OfIdempotencyKeys],
    };
}

/// <summary>Operations to run.</summary>
/// <param name="Operations">1 to 1000.</param>
public sealed record BulkRequest(IReadOnlyList<RequestedOperation> Operations);

/// <summary>An operation. A put stores whether or not the key exists.</summary>
/// <param name="Op"><c>get</c>, <c>put</c>, <c>create</c> or <c>delete</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, for <c>put</c> and <c>create</c>: any JSON but null.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">The time to live in seconds.</param>
/// <param name="ExpiresAt">When the entry expires (RFC 3339).</param>
/// <param name="IfMatch">The revision that the entry must have.</param>
public sealed record RequestedOperation(
    string Op, string Key, JsonElement? Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata,
    [property: MayBeNull] long? TtlSeconds, [property: MayBeNull] DateTimeOffset? ExpiresAt, [property: MayBeNull] long? IfMatch);

/// <summary>The outcomes of operations.</summary>
/// <param name="Results">In the order of the operations.</param>
public sealed record OperationOutcomes(IReadOnlyList<DescribedOutcome> Results);

/// <summary>The outcome of an operation.</summary>
/// <param name="Key">Its key; left out if the operation has no valid key.</param>
/// <param name="Status">The status that it would have as a single request.</param>
/// <param name="Revision">The revision that it made or read.</param>
/// <param name="Value">The value that it read.</param>
/// <param name="Metadata">The metadata that it read.</param>
/// <param name="ExpiresAt">When the entry that it read expires.</param>
/// <param name="Code">The error code, if it failed.</param>
/// <param name="Message">The error message, if it failed.</param>
/// <param name="Errors">The members that are wrong, such as <c>operations[3].op</c>, each with its rules.</param>
public sealed record DescribedOutcome(
    string? Key, int Status, long? Revision, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt,
    string? Code, string? Message, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);
