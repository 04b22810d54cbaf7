using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Bulk;

/// <summary>What the OpenAPI document says of many operations in one request.</summary>
internal static class BulkDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "Many at once";

    public static readonly OperationDescription Run = new("runBulk", Tag, "Run up to 1000 operations, each for itself")
    {
        Text = "The operations are run in their order, and each has an outcome of its own: the answer is 200 whatever became of them. "
            + "A `get` takes a token that grants `kv:read`, and any other operation one that grants `kv:write`. "
            + "With an `Idempotency-Key` a repetition goes on where a broken attempt ended.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(BulkRequest), """{"operations":[{"op":"put","key":"a","value":1},{"op":"get","key":"b"},{"op":"delete","key":"c","if_match":17}]}"""),
        Answers =
        [
            new(200, "What became of each, in their order.")
            {
                Type = typeof(SuccessEnvelope<OperationOutcomes>),
                Example = """{"status":"success","data":{"results":[{"key":"a","status":201,"revision":18},{"key":"b","status":200,"revision":16,"value":"there"},{"key":"c","status":412,"code":"PRECONDITION_FAILED","message":"The entry is not in the state that the request demands."}]}}""",
            },
        ],
        Errors = [ErrorCatalogue.OutcomeUnknown, .. WriteFailures.OfOnceKeys],
    };
}

/// <summary>Operations to run.</summary>
/// <param name="Operations">1 to 1000.</param>
public sealed record BulkRequest(IReadOnlyList<RequestedOperation> Operations);

/// <summary>An operation. A put stores, whether or not the key is there.</summary>
/// <param name="Op"><c>get</c>, <c>put</c>, <c>create</c> or <c>delete</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, for <c>put</c> and <c>create</c>: any JSON but null.</param>
/// <param name="Metadata">A JSON object of at most 4 KiB.</param>
/// <param name="TtlSeconds">After how many seconds the entry will be gone.</param>
/// <param name="ExpiresAt">When the entry will be gone (RFC 3339).</param>
/// <param name="IfMatch">The revision that the entry must have.</param>
public sealed record RequestedOperation(
    string Op, string Key, JsonElement? Value, [property: MayBeNull] IReadOnlyDictionary<string, JsonElement>? Metadata,
    [property: MayBeNull] long? TtlSeconds, [property: MayBeNull] DateTimeOffset? ExpiresAt, [property: MayBeNull] long? IfMatch);

/// <summary>What became of operations.</summary>
/// <param name="Results">In the order of the operations.</param>
public sealed record OperationOutcomes(IReadOnlyList<DescribedOutcome> Results);

/// <summary>What became of an operation.</summary>
/// <param name="Key">Its key; left out where it had none that is valid.</param>
/// <param name="Status">The status that it would have had as a request of its own.</param>
/// <param name="Revision">The revision that it made or read.</param>
/// <param name="Value">What it read.</param>
/// <param name="Metadata">Likewise.</param>
/// <param name="ExpiresAt">Likewise.</param>
/// <param name="Code">Why it failed: a code of the error catalogue.</param>
/// <param name="Message">The same for people.</param>
public sealed record DescribedOutcome(
    string? Key, int Status, long? Revision, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt,
    string? Code, string? Message);
