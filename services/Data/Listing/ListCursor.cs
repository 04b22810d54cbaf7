using KvAspire.Data.Requests;
using KvAspire.Paging;

namespace KvAspire.Data.Listing;

/// <summary>The cursor of a listing: the first text that the next page may begin with.</summary>
internal static class ListCursor
{
    private const string Kind = "list";

    public static string Write(ListQuery query, string next) => Cursor.Write(next, Parts(query));

    /// <summary>Reads the parameter <c>cursor</c>.</summary>
    /// <returns>False if there is one and it is not of this query.</returns>
    public static bool TryRead(RawTarget target, ListQuery query, out string start)
    {
        start = query.Range.From;
        if (!target.TryRead("cursor", Cursor.MaxLength, out var text))
            return false;
        if (string.IsNullOrEmpty(text))
            return true;
        if (Cursor.Read(text, Parts(query)) is not { } position || position.Contains('\0') || !query.Range.Reaches(position))
            return false;

        start = position;
        return true;
    }

    private static string?[] Parts(ListQuery query) => [Kind, query.Owner, query.Prefix, query.Delimiter, query.Range.From, query.Range.To];
}
