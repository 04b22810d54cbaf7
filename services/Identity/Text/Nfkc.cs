using System.Text;

namespace KvAspire.Identity.Text;

/// <summary>
/// Normalization form KC (Unicode Standard Annex 15): what looks and means the same becomes the same code points, whatever
/// keyboard or system it was typed on.
/// </summary>
/// <remarks>
/// Our own, because <see cref="string.Normalize()"/> depends on the ICU library of the machine and does nothing without it:
/// a replica with another library would lock out whoever has an accent in the password.
/// </remarks>
internal static class Nfkc
{
    private const int HangulFirst = 0xAC00, LeadingFirst = 0x1100, VowelFirst = 0x1161, TrailingFirst = 0x11A7;
    private const int LeadingCount = 19, VowelCount = 21, TrailingCount = 28, HangulCount = LeadingCount * VowelCount * TrailingCount;

    /// <summary>The normal form of <paramref name="text"/>, which must be well-formed UTF-16.</summary>
    public static string Normalize(string text)
    {
        if (Ascii.IsValid(text))
            return text;

        // 1. Decompose, 2. order the marks of each base character by class, 3. compose.
        var points = Decompose(text);
        OrderMarks(points);
        Compose(points);

        var normal = new StringBuilder(text.Length);
        foreach (var point in points)
            normal.Append(new Rune(point).ToString());
        return normal.ToString();
    }

    private static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value - HangulFirst is >= 0 and < HangulCount and var syllable)
                points.AddRange(DecomposeHangul(syllable));
            else if (NfkcData.Decompositions.TryGetValue(rune.Value, out var decomposition))
                points.AddRange(decomposition);
            else
                points.Add(rune.Value);
        }

        return points;
    }

    private static IEnumerable<int> DecomposeHangul(int syllable)
    {
        yield return LeadingFirst + syllable / (VowelCount * TrailingCount);
        yield return VowelFirst + syllable / TrailingCount % VowelCount;
        if (syllable % TrailingCount is not 0 and var trailing)
            yield return TrailingFirst + trailing;
    }

    private static void OrderMarks(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && Class(points[end]) != 0)
                end++;
            if (end - start < 2)
                continue;

            var ordered = points[start..end].OrderBy(Class).ToList(); // stable, as the standard requires
            for (var i = 0; i < ordered.Count; i++)
                points[start + i] = ordered[i];
            start = end;
        }
    }

    // Joins each character with the last base character before it, unless a mark of the same or a higher class blocks it.
    private static void Compose(List<int> points)
    {
        int baseAt = -1, kept = 0, lastClass = 0;
        foreach (var point in points.ToArray())
        {
            var own = Class(point);
            var blocked = kept - 1 > baseAt && lastClass >= own;
            if (baseAt >= 0 && !blocked && Join(points[baseAt], point) is { } joined)
            {
                points[baseAt] = joined;
                continue;
            }

            if (own == 0)
                baseAt = kept;
            lastClass = own;
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static int? Join(int first, int second)
    {
        if (first - LeadingFirst is >= 0 and < LeadingCount and var leading && second - VowelFirst is >= 0 and < VowelCount and var vowel)
            return HangulFirst + (leading * VowelCount + vowel) * TrailingCount;
        if (first - HangulFirst is >= 0 and < HangulCount and var syllable && syllable % TrailingCount == 0
            && second - TrailingFirst is > 0 and < TrailingCount and var trailing)
            return first + trailing;

        return NfkcData.Composites.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private static int Class(int point) => NfkcData.Classes.GetValueOrDefault(point);
}
