using KvAspire.Paging;

namespace KvAspire.Identity.Admin;

/// <summary>The page of a list that a request asks for by the parameters <c>cursor</c> and <c>limit</c>.</summary>
/// <param name="After">The position of the last item of the page before; null for the first page.</param>
/// <param name="Limit">The most items.</param>
/// <param name="List">The kind of the list and its filters, to which cursors belong.</param>
internal sealed record Page(string? After, int Limit, string?[] List)
{
    /// <summary>Reads the parameters; null with <paramref name="error"/> where one is not valid.</summary>
    /// <param name="query">The query of the request.</param>
    /// <param name="kind">The kind of the list.</param>
    /// <param name="filters">The parameters that choose its items.</param>
    /// <param name="readPosition">Reads a position in the list; null for any other text.</param>
    /// <param name="error">The error.</param>
    public static Page? Read(
        IQueryCollection query, string kind, string[] filters, Func<string, string?> readPosition, out ErrorResult? error)
    {
        string?[] list = [kind, .. filters.Select(Filter)];
        string? after = null;
        error = !PageLimit.TryParse(Text("limit"), out var limit) ? ErrorCatalogue.InvalidLimit.AsResult()
            : Text("cursor") is { } cursor && (after = Position(cursor)) is null ? ErrorCatalogue.InvalidCursor.AsResult()
            : null;
        return error is null ? new(after, limit, list) : null;

        string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text : null;
        string? Position(string cursor) => Cursor.Read(cursor, list) is { } position ? readPosition(position) : null;
        string? Filter(string name) => Text(name) is { } text ? UuidText.ReadSubject(text) : null;
    }

    /// <summary>The page of these items, of which the caller read one more than <see cref="Limit"/> to see whether there are more.</summary>
    public PageOf<T> Of<T>(List<T> items, Func<T, string> position) => items.Count > Limit
        ? new([.. items.Take(Limit)], Cursor.Write(position(items[Limit - 1]), List), false)
        : new(items, null, true);
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The items, in the order of the list.</param>
/// <param name="Cursor">The cursor of the next page; left out at the end.</param>
/// <param name="ListComplete">Whether this is the last page.</param>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Cursor, bool ListComplete);
