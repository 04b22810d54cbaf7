using System.Globalization;
using KvAspire.OpenApi;

namespace KvAspire.Paging;

/// <summary>Describes the parameters of lists that come in pages.</summary>
public static class PageParameters
{
    /// <summary>The parameter <c>limit</c>.</summary>
    public static readonly ParameterDescription Limit = new("limit", "query", "The largest number of items in a page.")
    { Type = "integer", Min = 1, Max = PageLimit.Max, Default = PageLimit.Default.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The parameter <c>cursor</c>.</summary>
    public static readonly ParameterDescription Cursor = new("cursor", "query", "The cursor of the previous page, for the same query.")
    { Max = Paging.Cursor.MaxLength };
}
