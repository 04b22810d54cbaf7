using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.Listing;

/// <summary>What the OpenAPI document says of listing, and of reading an entry by <c>?key=</c>, which shares the path.</summary>
internal static class ListingDescription
{
    public static readonly OperationDescription List = new("listEntries", EntriesDescription.Tag, "List keys, or read any key by ?key=")
    {
        Text = "Keys come in the order of their UTF-8 bytes. With a `delimiter`, keys that have it after the prefix are gathered in `prefixes`. "
            + "A page may have fewer than `limit`, even none: go on while `list_complete` is false, with the same parameters and the `cursor`.\n\n"
            + "With `key=…`, and none of the other parameters, this reads that one entry, as `GET /api/data/{key}` does.",
        Parameters =
        [
            DataParameters.Prefix,
            new("delimiter", "query", "What ends the name of a folder, usually `/`: 1 to 64 bytes of UTF-8.") { Max = 64, Example = "\"/\"" },
            DataParameters.Limit,
            DataParameters.Cursor,
            new("include", "query", "What items bear beside key and revision: `value`, `metadata`, or both, with a comma between.") { Example = "\"value,metadata\"" },
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
                Headers = ["ETag", "Cache-Status"],
            },
            new(304, "With `key=…`: the entry is as `If-None-Match` says.") { Headers = ["ETag", "Cache-Status"] },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidLimit, ErrorCatalogue.InvalidCursor, ErrorCatalogue.KeyNotFound, ErrorCatalogue.PreconditionFailed,
        ],
    };
}

/// <summary>A page of keys, or one entry: what was asked for tells which.</summary>
/// <param name="Status">Always <c>success</c>.</param>
/// <param name="Data">The page, or the entry.</param>
public sealed record PageOrEntry(string Status, ListedPageOrEntry Data);

/// <summary>Members of a page of keys (<c>items</c> and so on), or of an entry (<c>key</c> and so on).</summary>
/// <param name="Items">The keys of this page.</param>
/// <param name="Prefixes">The folders of this page.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
/// <param name="ListComplete">Whether this is the end.</param>
/// <param name="Key">The key of the entry.</param>
/// <param name="Value">Its value.</param>
/// <param name="Metadata">Its metadata.</param>
/// <param name="ExpiresAt">When it will be gone.</param>
public sealed record ListedPageOrEntry(
    IReadOnlyList<ListedEntry>? Items, IReadOnlyList<string>? Prefixes, [property: MayBeNull] string? Cursor, bool? ListComplete,
    string? Key, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);

/// <summary>An entry in a list.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Value">Its value, where <c>include</c> names it.</param>
/// <param name="Metadata">Its metadata, where <c>include</c> names it and there is some.</param>
/// <param name="ExpiresAt">When it will be gone, where it has a time to live.</param>
public sealed record ListedEntry(
    string Key, long Revision, JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Metadata, DateTimeOffset? ExpiresAt);
