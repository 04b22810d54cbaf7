using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Counters;

/// <summary>The OpenAPI description of counters.</summary>
internal static class CountersDescription
{
    public static readonly OperationDescription Add = new("addToCounter", "Add to a number")
    {
        Text = "A counter is an entry whose value is an integer of at most 100 digits. A missing counter starts at 0. "
            + "Concurrent additions all count. "
            + "The answer has the new value only if the token grants `kv:read`; without it a `delta` of 0 "
            + "or of more than 18 digits is refused.",
        Parameters = [DataParameters.Key, DataParameters.IdempotencyKey],
        Body = new(typeof(Addition), """{"delta":1}"""),
        Answers =
        [
            new(200, "The new value. It is stored durably.")
            {
                Type = typeof(SuccessEnvelope<CounterValue>),
                Example = """{"status":"success","data":{"key":"visits","value":42}}""",
                Headers = ["ETag"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.InsufficientScope, ErrorCatalogue.NotANumber, ErrorCatalogue.QuotaExceeded,
            ErrorCatalogue.OutcomeUnknown, .. WriteFailures.OfIdempotencyKeys,
        ],
    };
}

/// <summary>An addition to a counter.</summary>
/// <param name="Delta">An integer of at most 100 digits; 1 by default.</param>
public sealed record Addition([property: WholeNumber("An integer of at most 100 digits; 1 by default.")] JsonElement? Delta);

/// <summary>The new value of a counter.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">An integer of at most 100 digits; left out if the token does not grant <c>kv:read</c>.</param>
public sealed record CounterValue(string Key, [property: WholeNumber("An integer of at most 100 digits.")] JsonElement? Value);
