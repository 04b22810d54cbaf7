using KvAspire.Data.Bulk;
using KvAspire.Data.Entries;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Transactions;

/// <summary>What the OpenAPI document says of transactions.</summary>
internal static class TransactionsDescription
{
    public static readonly OperationDescription Run = new("runTransaction", BulkDescription.Tag, "Change many entries, or none")
    {
        Text = "First the checks, then the operations (`put`, `create`, `delete`), 1 to 128 together. All of it is done at one moment, or nothing is: "
            + "then `errors` names the check or operation that failed, such as `checks[0]`, and its code.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(TransactionRequest), """{"checks":[{"key":"lock","exists":false}],"operations":[{"op":"create","key":"lock","value":"mine"},{"op":"put","key":"a","value":1}]}"""),
        Answers =
        [
            new(200, "All of it is done, durably.")
            {
                Type = typeof(SuccessEnvelope<OperationOutcomes>),
                Example = """{"status":"success","data":{"results":[{"key":"lock","status":201,"revision":19},{"key":"a","status":200,"revision":20}]}}""",
            },
        ],
        Errors =
        [
            ErrorCatalogue.TxnConflict, .. EntriesDescription.ContentErrors, ErrorCatalogue.InsufficientScope, .. WriteFailures.OfOnceKeys,
        ],
    };
}

/// <summary>A transaction.</summary>
/// <param name="Checks">What must hold.</param>
/// <param name="Operations">What is then done; a transaction reads nothing.</param>
public sealed record TransactionRequest(
    [property: MayBeNull] IReadOnlyList<RequestedCheck>? Checks, [property: MayBeNull] IReadOnlyList<RequestedOperation>? Operations);

/// <summary>What must hold of a key: either of <c>revision</c> and <c>exists</c>.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision that the entry must have.</param>
/// <param name="Exists">Whether the entry must be there.</param>
public sealed record RequestedCheck(string Key, [property: MayBeNull] long? Revision, [property: MayBeNull] bool? Exists);
