using System.Text.Json;
using KvAspire.Data.OpenApi;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Listing;

/// <summary>The OpenAPI description of listing, and of reading an entry by <c>?key=</c>, which shares the path.</summary>
internal static class ListingDescription
{
    public static readonly OperationDescription List = new("listEntries", "List keys, or read any key by ?key=")
    {
        Text = "Keys come in the order of their UTF-8 bytes. With a `delimiter`, keys that have it after the prefix are grouped in `prefixes`. "
            + "A page may have fewer items than `limit`, even none. Continue with the same parameters and the `cursor` while `list_complete` is false.\n\n"
            + "With `key=…` alone this reads one entry, like `GET /api/data/{key}`.",
        Parameters =
        [
            DataParameters.Prefix,
            new("delimiter", "query", "The end of a folder's name, usually `/`: 1 to 64 bytes of UTF-8.") { Max = 64, Example = "\"/\"" },
            DataParameters.Limit,
            DataParameters.Cursor,
            new("include", "query", "Further members of items: `value`, `metadata`, or both, separated by a comma.") { Example = "\"value,metadata\"" },
            DataParameters.QueryKey with { Required = false, Text = "Reads the entry of this key instead.", Example = null },
            DataParameters.IfMatch,
            DataParameters.IfNoneMatch,
            DataParameters.CacheControl,
        ],
        Answers =
        [
            new(200, "A page; with `key=…`, the entry.")
            {
                Type = typeof(PageOrEntry),
                Example = """{"status":"success","data":{"items":[{"key":"users/42","revision":17,"value":{"name":"Ada"}}],"prefixes":["users/7/","users/8/"],"cursor":"kFtzcmVzdA","list_complete":false}}""",
                Headers = ["ETag", "Cache-Status", "Cache-Control"],
            },
            new(304, "With `key=…`: the entry matches `If-None-Match`.") { Headers = ["ETag", "Cache-Status", "Cache-Control"] },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed,
        ],
    };
}

/// <summary>A page of keys, or one entry, depending on the parameters.</summary>
/// <param name="Status">Always <c>success</c>.</param>
/// <param name="Data">The page, or the entry.</param>
public sealed record PageOrEntry(string Status, ListedPageOrEntry Data);

/// <summary>Members of a page of keys (<c>items</c> and so on), or of an entry (<c>key</c> and so on).</summary>
/// <param name="Items">The keys of this page.</param>
/// <param name="Prefixes">The folders of this page.</param>
/// <param name="Cursor">The cursor of the next page; null at the end.</param>
/// <param name="ListComplete">Whether this is the last page.</param>
/// <param name="Key">The key of the entry.</param>
/// <param name="Value">Its value.</param>
/// <param name="Metadata">Its metadata.</param>
/// <param name="ExpiresAt">When it expires.</param>
public sealed record ListedPageOrEntry(
    IReadOnlyList<ListedEntry>? Items, IReadOnlyList<string>? Prefixes, [property: MayBeNull] string? Cursor, bool? ListComplete,
    string? Key, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>An entry in a list.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Value">Its value, if <c>include</c> names it.</param>
/// <param name="Metadata">Its metadata, if <c>include</c> names it and there is some.</param>
/// <param name="ExpiresAt">When it expires, if it has a time to live.</param>
public sealed record ListedEntry(
    string Key, long Revision, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);
