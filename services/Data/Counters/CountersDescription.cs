using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Counters;

/// <summary>What the OpenAPI document says of counters.</summary>
internal static class CountersDescription
{
    public static readonly OperationDescription Add = new("addToCounter", EntriesDescription.Tag, "Add to a number")
    {
        Text = "A counter is an entry whose value is a whole number of at most 100 digits; where there is none it begins at 0. "
            + "Additions that come at the same time all count.",
        Parameters = [DataParameters.Key, DataParameters.IdempotencyKey],
        Body = new(typeof(Addition), """{"delta":1}"""),
        Answers =
        [
            new(200, "What the number is now, durably.")
            {
                Type = typeof(SuccessEnvelope<CounterValue>),
                Example = """{"status":"success","data":{"key":"visits","value":42}}""",
                Headers = ["ETag"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.NotANumber, ErrorCatalogue.QuotaExceeded, ErrorCatalogue.OutcomeUnknown, .. WriteFailures.OfOnceKeys,
        ],
    };
}

/// <summary>What to add.</summary>
/// <param name="Delta">A whole number of at most 100 digits; 1 where it is left out.</param>
public sealed record Addition(JsonElement? Delta);

/// <summary>What a number is now.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">A whole number of at most 100 digits.</param>
public sealed record CounterValue(string Key, JsonElement Value);
