using System.Text;

namespace KvAspire.Identity.Text;

/// <summary>
/// Normalization form KC (Unicode Standard Annex 15): text that looks and means the same becomes the same code points, on every
/// keyboard and system.
/// </summary>
/// <remarks>
/// ICU normalizes; in the invariant mode of .NET, <see cref="string.Normalize()"/> does nothing. Replicas may have different
/// releases of ICU: Unicode never changes the normal form of a character once the character exists.
/// </remarks>
internal static class Nfkc
{
    // .NET refuses this noncharacter as a sign of the wrong byte order. Normalization neither changes nor combines it.
    private const char Refused = '\uFFFE';

    /// <summary>The normal form of <paramref name="text"/>. An unpaired surrogate becomes U+FFFD.</summary>
    public static string Normalize(string text) => Ascii.IsValid(text)
        ? text
        : string.Join(Refused, WellFormed(text).Split(Refused).Select(part => part.Normalize(NormalizationForm.FormKC)));

    private static string WellFormed(string text) => string.Concat(text.EnumerateRunes());
}
