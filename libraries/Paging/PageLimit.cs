using System.Globalization;

namespace KvAspire.Paging;

/// <summary>The parameter <c>limit</c>: the most items of a page, 1 to 1000.</summary>
public static class PageLimit
{
    /// <summary>The limit of a request without the parameter.</summary>
    public const int Default = 100;

    /// <summary>The highest limit.</summary>
    public const int Max = 1000;

    /// <summary>Parses the parameter; null where it is absent.</summary>
    public static bool TryParse(string? text, out int limit)
    {
        limit = Default;
        return (text is null || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit)) && limit is >= 1 and <= Max;
    }
}
