using System.Globalization;
using System.Text;

namespace KvAspire.Identity.Text;

/// <summary>
/// Characters without a visible form, so that two different texts look the same: control and format characters (Cc, Cf), among
/// them zero-width characters and direction marks, and the other default-ignorable ones (Unicode Standard, section 5.21).
/// </summary>
internal static class InvisibleCharacters
{
    // Default_Ignorable_Code_Point without Cf: fillers, variation selectors and reserved ranges. .NET does not know the property.
    private static readonly (int First, int Last)[] Ignorable =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x3164, 0x3164),
        (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF),
    ];

    public static bool AreIn(string text) => !Ascii.IsValid(text) ? text.EnumerateRunes().Any(IsInvisible) : text.Any(char.IsControl);

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || Ignorable.Any(range => rune.Value >= range.First && rune.Value <= range.Last);
}
