using System.Globalization;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// Reads moments in the form of RFC 3339, section 5.6: a full date, a time of day and a zone. All endpoints read the dates of
/// bodies and queries with it.
/// </summary>
public static class Rfc3339
{
    private const string ToTheSecond = "yyyy-MM-dd'T'HH:mm:ss";
    private const int Length = 19, ZoneLength = 6;

    /// <summary>
    /// Reads a moment. <c>t</c> and <c>z</c> may be lower-case, a fraction may have any number of digits. A leap second
    /// (<c>23:59:60</c> of UTC at the end of a month) is the second after it, as in Unix time.
    /// </summary>
    /// <param name="text">The text; null is no moment.</param>
    /// <param name="moment">The moment in UTC, to 100 nanoseconds.</param>
    public static bool TryRead(string? text, out DateTimeOffset moment)
    {
        moment = default;
        if (text is null || text.Length <= Length || text[10] is not ('T' or 't'))
            return false;

        // 1. The date and the time of day, with 59 in place of a leap second.
        Span<char> whole = stackalloc char[Length];
        text.AsSpan(0, Length).CopyTo(whole);
        whole[10] = 'T';
        var isLeap = whole.EndsWith(":60");
        if (isLeap)
            "59".CopyTo(whole[^2..]);
        if (!DateTime.TryParseExact(whole, ToTheSecond, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return false;

        // 2. The fraction and the zone.
        var rest = text.AsSpan(Length);
        if (!TryReadFraction(ref rest, out var fraction) || !TryReadZone(rest, out var offset))
            return false;

        // 3. The moment in UTC, if .NET knows it.
        var ticks = local.Ticks + fraction - offset.Ticks + (isLeap ? TimeSpan.TicksPerSecond : 0);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;

        moment = new(ticks, TimeSpan.Zero);
        return !isLeap || moment is { Day: 1, Hour: 0, Minute: 0, Second: 0 };
    }

    private static bool TryReadFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest is not ['.', ..])
            return true;

        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits < 1)
            return false;

        var scale = TimeSpan.TicksPerSecond;
        foreach (var digit in rest[1..(1 + digits)])
            ticks += (digit - '0') * (scale /= 10);
        rest = rest[(1 + digits)..];
        return true;
    }

    // "-00:00" is UTC at an unknown place (section 4.3).
    private static bool TryReadZone(ReadOnlySpan<char> zone, out TimeSpan offset)
    {
        offset = default;
        if (zone is ['Z' or 'z'])
            return true;
        if (zone.Length != ZoneLength || zone[0] is not ('+' or '-')
            || !TimeSpan.TryParseExact(zone[1..], @"hh\:mm", CultureInfo.InvariantCulture, out var distance))
        {
            return false;
        }

        offset = zone[0] is '-' ? -distance : distance;
        return true;
    }
}
