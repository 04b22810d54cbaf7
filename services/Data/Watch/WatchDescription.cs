using KvAspire.Data.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Watch;

/// <summary>What the OpenAPI document says of watching.</summary>
internal static class WatchDescription
{
    /// <summary>The group of operations.</summary>
    public const string Tag = "Watch and history";

    public static readonly OperationDescription Watch = new("watchEntries", Tag, "Stream changes as they are committed")
    {
        Text = "Server-sent events, `put` and `delete`, without gap or duplicate, in the order of the commits. `id` is the revision: send the last one as "
            + "`Last-Event-ID` to resume. Blocks that have only an id are signs of life, at least every 15 seconds. `data` is a JSON object with `key`, "
            + "`revision`, and for a `put` `value`, `metadata` and `expires_at`. The stream ends with the token.",
        Parameters =
        [
            DataParameters.Prefix,
            new("after", "query", "The revision after which to begin; 0 for the oldest that is kept, nothing for now.") { Max = 19, Example = "\"17\"" },
            new("Last-Event-ID", "header", "The last id that was seen; it counts for more than `after`.") { Max = 19, Example = "\"17\"" },
        ],
        Answers =
        [
            new(200, "The stream.")
            {
                Type = typeof(string),
                ContentType = "text/event-stream",
                Example = "retry: 700\n\n: 17\nid: 17\n\nid: 18\nevent: put\ndata: {\"key\":\"users/42\",\"revision\":18,\"value\":{\"name\":\"Ada\"}}\n\n",
            },
        ],
        Errors = [ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidCursor, ErrorCatalogue.RevisionCompacted, ErrorCatalogue.RateLimited],
    };
}
