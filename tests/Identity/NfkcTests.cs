using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KvAspire.Identity.Text;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Tests;

public sealed class NfkcTests
{
    // From the examples and the corner cases of Unicode Standard Annex 15.
    [Theory]
    [InlineData("plain ASCII", "plain ASCII")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("\ufb01", "fi")]
    [InlineData("2\u2075", "25")]
    [InlineData("\u017f\u0323\u0307", "\u1e69")]
    [InlineData("s\u0307\u0323", "\u1e69")]
    [InlineData("a\u0300\u0301", "\u00e0\u0301")]
    [InlineData("a\u0315\u0300\u05ae\u0300b", "\u00e0\u05ae\u0300\u0315b")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\uac00\u11a8", "\uac01")]
    [InlineData("\uac01", "\uac01")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("\ufdfa", "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645")]
    [InlineData("\U0001d400", "A")]
    [InlineData("\U0002f800", "\u4e3d")]
    [InlineData("\U0002fa1d", "\U0002a600")]
    [InlineData("\U00011131\U00011127", "\U0001112e")]
    public void Normalize_gives_the_form_KC(string text, string normal)
    {
        Assert.Equal(normal, Nfkc.Normalize(text));
        Assert.Equal(normal, Nfkc.Normalize(normal));
    }

    // A fact, because test arguments cannot carry unpaired surrogates.
    [Fact]
    public void Unpaired_surrogates_and_noncharacters_do_not_throw()
    {
        Assert.Equal("\ufffd\u00e9", Nfkc.Normalize("\ud800e\u0301"));
        Assert.Equal("\u00e9\ufffd", Nfkc.Normalize("e\u0301\udc00"));
        Assert.Equal("\ufffd\ufffdA", Nfkc.Normalize("\udc00\ud800\U0001d400"));
        Assert.Equal("\u00e9\ufffe\uffff\ufdd0\U0010ffff\0A", Nfkc.Normalize("e\u0301\ufffe\uffff\ufdd0\U0010ffff\0\U0001d400"));
    }

    // Stored hashes and names depend on these forms: another release of ICU must not lock users out.
    [Fact]
    public void Every_character_of_Unicode_14_keeps_its_normal_form()
    {
        var names = new CaseInsensitiveNames();
        using var stream = typeof(NfkcTests).Assembly.GetManifestResourceStream("nfkc-14.txt")!;
        using var reader = new StreamReader(stream);
        var (count, wrong) = (0, new List<string>());
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;

            var (range, expected) = (line[2..line.LastIndexOf(' ')].Split(".."), line[(line.LastIndexOf(' ') + 1)..]);
            var (first, last) = (Point(range[0]), Point(range[1]));
            var texts = Enumerable.Range(first, last - first + 1).Select(point => $"{new Rune(point)}")
                .Select(character => line[0] switch
                {
                    'd' => Nfkc.Normalize(character),
                    'm' => Nfkc.Normalize($"q\u0315{character}\u0334\u05b0"),
                    _ => names.NormalizeName(character),
                });
            if (Hash(string.Join('\n', texts)) != expected)
                wrong.Add(line);
            count += last - first + 1;
        }

        Assert.Empty(wrong);
        Assert.Equal(16_967 + 912 + 2_878, count);
    }

    [Fact]
    public void Composition_undoes_canonical_decomposition()
    {
        foreach (var point in Enumerable.Range(0, 0x30000).Where(Rune.IsValid).Except([0xFFFE]))
        {
            var character = $"{new Rune(point)}";
            Assert.Equal(Nfkc.Normalize(character), Nfkc.Normalize(character.Normalize(NormalizationForm.FormD)));
        }
    }

    [Fact]
    public void Formatting_and_comparison_stay_invariant() => Assert.Equal(
        (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture),
        (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture));

    private static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
