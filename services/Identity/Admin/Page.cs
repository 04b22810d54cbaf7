using System.Buffers.Text;
using System.Globalization;
using System.Text;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Identity.Admin;

/// <summary>Where in a list to go on, and how far: the parameters <c>cursor</c> and <c>limit</c>.</summary>
/// <param name="After">What the last item of the page before was sorted by; null for the first page.</param>
/// <param name="Limit">How many items at most.</param>
internal sealed record Page(string? After, int Limit)
{
    private const int DefaultLimit = 100, MaxLimit = 1000, MaxCursor = 100;

    /// <summary>Reads the parameters; null with <paramref name="error"/> where they are not ours.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="isPosition">Whether a text is something that the list is sorted by.</param>
    /// <param name="error">What is wrong.</param>
    public static Page? Read(IQueryCollection query, Func<string, bool> isPosition, out ErrorResult? error)
    {
        var (limit, after) = (DefaultLimit, (string?)null);
        var (askedLimit, cursor) = (query["limit"].ToString(), query["cursor"].ToString());
        error =
            askedLimit.Length > 0 && !(int.TryParse(askedLimit, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit)
                ? ErrorCatalogue.InvalidLimit.AsResult()
            : cursor.Length > 0 && ((after = Decode(cursor)) is null || !isPosition(after)) ? ErrorCatalogue.InvalidCursor.AsResult()
            : null;
        return error is null ? new(after, limit) : null;
    }

    /// <summary>The cursor that goes on after an item.</summary>
    public static string CursorAfter(string position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position));

    private static string? Decode(string cursor) =>
        cursor.Length <= MaxCursor && Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) : null;
}

/// <summary>A page of a list.</summary>
/// <param name="Items">In the order of the list.</param>
/// <param name="Cursor">Where to go on; left out at the end.</param>
/// <param name="ListComplete">Whether this is the end.</param>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Cursor, bool ListComplete)
{
    // One more than asked for was read, to see whether there is more.
    internal static PageOf<T> From(List<T> items, int limit, Func<T, string> position) => items.Count > limit
        ? new([.. items.Take(limit)], Page.CursorAfter(position(items[limit - 1])), false)
        : new(items, null, true);
}
