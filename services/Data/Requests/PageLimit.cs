using System.Globalization;

namespace KvAspire.Data.Requests;

/// <summary>The parameter <c>limit</c>: how much a page has at most.</summary>
internal static class PageLimit
{
    private const int Default = 100;
    private const int Max = 1000;
    private const int MaxDigits = 4;

    /// <summary>Reads it: 1 to 1000, 100 where it is absent.</summary>
    public static bool TryRead(RawTarget target, out int limit)
    {
        limit = Default;
        return target.TryRead("limit", MaxDigits, out var text)
            && (text is null || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit))
            && limit is >= 1 and <= Max;
    }
}
