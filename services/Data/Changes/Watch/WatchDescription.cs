using KvAspire.Data.OpenApi;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Changes.Watch;

/// <summary>The OpenAPI description of watching.</summary>
internal static class WatchDescription
{
    /// <summary>Watching entries.</summary>
    public static readonly OperationDescription Watch = new("watchEntries", "Stream changes as they are committed")
    {
        Text = "Server-sent events `put` and `delete`, in the order of the commits, without gaps or duplicates. `id` is the revision: send the last one as "
            + "`Last-Event-ID` to resume. Blocks with only an id are heartbeats, at least every 15 seconds. `data` is a JSON object with `key`, "
            + "`revision`, and for a `put` `value`, `metadata` and `expires_at`. The stream ends when the token expires.",
        Parameters =
        [
            DataParameters.Prefix,
            new("after", "query", "The revision after which the stream starts: 0 for the first change, while none is compacted; by default only new changes.") { Max = 19, Example = "\"17\"" },
            new("Last-Event-ID", "header", "The last id that the client has received. It overrides `after`.") { Max = 19, Example = "\"17\"" },
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
