using System.Security.Claims;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Listing;

/// <summary>The query of a page: keys of a range from a start on, grouped into folders if there is a delimiter.</summary>
internal sealed record ListQuery(
    string Owner, string Prefix, string? Delimiter, KeyRange Range, int Limit, string Start, bool WithValues, bool WithMetadata)
{
    /// <summary>The message for an invalid prefix.</summary>
    public const string BadPrefix = "The provided prefix is not valid.";

    private const int MaxDelimiterBytes = 64;
    private const int MaxIncludeBytes = 64;

    private const string BadDelimiter = "Invalid request. The delimiter must be 1 to 64 bytes of UTF-8 without control characters.";
    private const string BadInclude = "Invalid request. The parameter include must be a list of value and metadata.";

    /// <summary>Reads the query of a request, or returns its error.</summary>
    public static (ListQuery? Query, ErrorResult? Refusal) Read(HttpRequest request, ClaimsPrincipal caller)
    {
        var target = RawTarget.Of(request);
        if (!TryReadPrefix(target, out var prefix))
            return (null, ErrorCatalogue.InvalidKey.AsResult(BadPrefix));
        if (!target.TryRead("delimiter", MaxDelimiterBytes, out var delimiter) || !IsDelimiter(delimiter))
            return (null, ErrorCatalogue.InvalidRequest.AsResult(BadDelimiter));
        if (!target.TryReadLimit(out var limit))
            return (null, ErrorCatalogue.InvalidLimit.AsResult());
        if (!TryReadInclude(target, out var values, out var metadata))
            return (null, ErrorCatalogue.InvalidRequest.AsResult(BadInclude));

        var range = KeyRange.Allowed(prefix, caller);
        var query = new ListQuery(caller.Owner, prefix, string.IsNullOrEmpty(delimiter) ? null : delimiter, range, limit, range.From, values, metadata);
        return ListCursor.TryRead(target, query, out var start)
            ? (query with { Start = start }, null)
            : (null, ErrorCatalogue.InvalidCursor.AsResult());
    }

    /// <summary>Reads the parameter <c>prefix</c>. Unlike a key it may be empty, <c>.</c> or <c>..</c>.</summary>
    public static bool TryReadPrefix(RawTarget target, out string prefix)
    {
        var isRead = target.TryRead("prefix", EntryKey.MaxBytes, out var text);
        prefix = text ?? "";
        return isRead && !prefix.Any(char.IsControl);
    }

    private static bool IsDelimiter(string? delimiter) =>
        string.IsNullOrEmpty(delimiter) || (!delimiter.Any(char.IsControl) && KeyRange.Following(delimiter) is not null);

    private static bool TryReadInclude(RawTarget target, out bool values, out bool metadata)
    {
        (values, metadata) = (false, false);
        if (!target.TryRead("include", MaxIncludeBytes, out var include))
            return false;

        foreach (var part in (include ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part is not ("value" or "metadata"))
                return false;

            values |= part is "value";
            metadata |= part is "metadata";
        }

        return true;
    }
}
