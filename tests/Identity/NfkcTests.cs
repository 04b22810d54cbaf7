using KvAspire.Identity.Text;

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
    [InlineData("\U00011131\U00011127", "\U0001112e")]
    public void Normalize_gives_the_form_KC(string text, string normal)
    {
        Assert.Equal(normal, Nfkc.Normalize(text));
        Assert.Equal(normal, Nfkc.Normalize(normal));
    }
}
