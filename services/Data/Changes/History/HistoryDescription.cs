using System.Text.Json;
using System.Text.Json.Serialization;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Changes.History;

/// <summary>The OpenAPI descriptions of history.</summary>
internal static class HistoryDescription
{
    public static readonly OperationDescription Read = new("readHistory", "Read the history of a key")
    {
        Text = "The newest change comes first. A change is kept for 30 days, unless the user makes 100,000 newer ones.",
        Parameters = [DataParameters.QueryKey, DataParameters.Limit, DataParameters.Cursor],
        Answers =
        [
            new(200, "A page of the history.")
            {
                Type = typeof(SuccessEnvelope<History>),
                Example = """{"status":"success","data":{"key":"users/42","revisions":[{"revision":18,"time":"2026-11-24T21:03:50.482117Z","actor":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","kind":"put","value":{"name":"Ada"}}],"cursor":null,"list_complete":true}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors = [ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor, ErrorCatalogue.KeyNotFound],
    };

    public static readonly OperationDescription Restore = new("restoreRevision", "Restore an earlier value")
    {
        Text = "Value and metadata of that revision are stored as a new change, without a time to live.",
        Parameters = [DataParameters.IdempotencyKey],
        Body = new(typeof(Restoration), """{"key":"users/42","revision":18}"""),
        Answers =
        [
            new(200, "The value is stored durably.")
            {
                Type = typeof(SuccessEnvelope<object>),
                Example = """{"status":"success","message":"Data restored successfully."}""",
                Headers = ["ETag"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.KeyNotFound, ErrorCatalogue.RevisionCompacted, ErrorCatalogue.QuotaExceeded,
            ErrorCatalogue.OutcomeUnknown, .. WriteFailures.OfIdempotencyKeys,
        ],
    };
}

/// <summary>The revision to restore.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision whose value is stored again.</param>
public sealed record Restoration(string Key, long Revision);

/// <summary>A page of a key's history.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revisions">The changes, newest first.</param>
/// <param name="Cursor">The cursor of the next page; null at the end.</param>
/// <param name="ListComplete">Whether this is the last page.</param>
public sealed record History(
    string Key, IReadOnlyList<DescribedChange> Revisions, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Cursor, bool ListComplete);

/// <summary>A change of a key.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Actor">The user, client or API key that made it.</param>
/// <param name="TraceId">The W3C trace id of the request that made it.</param>
/// <param name="Kind"><c>put</c> or <c>delete</c>.</param>
/// <param name="Value">The value that was stored.</param>
/// <param name="Metadata">The metadata that was stored.</param>
/// <param name="ExpiresAt">When the stored entry expires.</param>
public sealed record DescribedChange(
    long Revision, DateTimeOffset Time, string? Actor, string? TraceId, string Kind, JsonElement? Value,
    IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);
