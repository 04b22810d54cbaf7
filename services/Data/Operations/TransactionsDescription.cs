using KvAspire.Data.Entries;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Operations;

/// <summary>The OpenAPI description of transactions.</summary>
internal static class TransactionsDescription
{
    public static readonly OperationDescription Run = new("runTransaction", "Change many entries, or none")
    {
        Text = "Takes 1 to 128 checks and operations (`put`, `create`, `delete`) together, and applies them atomically. "
            + "Checks need the scope `kv:read` as well. "
            + "If one fails, nothing is changed, and `errors` names it, such as `checks[0]`, and its code.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(TransactionRequest), """{"checks":[{"key":"lock","exists":false}],"operations":[{"op":"create","key":"lock","value":"mine"},{"op":"put","key":"a","value":1}]}"""),
        Answers =
        [
            new(200, "All changes are stored durably.")
            {
                Type = typeof(SuccessEnvelope<OperationOutcomes>),
                Example = """{"status":"success","data":{"results":[{"key":"lock","status":201,"revision":19},{"key":"a","status":200,"revision":20}]}}""",
            },
        ],
        Errors =
        [
            ErrorCatalogue.TxnConflict, .. EntriesDescription.ContentErrors, ErrorCatalogue.InsufficientScope, .. WriteFailures.OfIdempotencyKeys,
        ],
    };
}

/// <summary>A transaction.</summary>
/// <param name="Checks">The checks, which must all hold.</param>
/// <param name="Operations">The operations, without <c>get</c>.</param>
public sealed record TransactionRequest(
    [property: MayBeNull] IReadOnlyList<RequestedCheck>? Checks, [property: MayBeNull] IReadOnlyList<RequestedOperation>? Operations);

/// <summary>A check of a key: either <c>revision</c> or <c>exists</c>.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision that the entry must have.</param>
/// <param name="Exists">Whether the entry must exist.</param>
public sealed record RequestedCheck(string Key, [property: MayBeNull] long? Revision, [property: MayBeNull] bool? Exists);
