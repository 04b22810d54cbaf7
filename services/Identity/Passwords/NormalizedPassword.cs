using KvAspire.Identity.Text;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// A password in the form that is hashed: NFKC (NIST SP 800-63B, section 3.1.1.2), so that it is the same from every
/// keyboard. Never shown.
/// </summary>
internal sealed class NormalizedPassword
{
    /// <summary>The fewest and the most code points that a password may have.</summary>
    public const int MinLength = 8, MaxLength = 128;

    // Far more than 128 code points can be before they are normalized, and little enough to do so at once.
    private const int MaxRawLength = 1024;

    private NormalizedPassword(string text) => Text = text;

    /// <summary>The normal form.</summary>
    public string Text { get; }

    /// <summary>The code points of the normal form.</summary>
    public int Length => Text.EnumerateRunes().Count();

    /// <summary>The normal form of what was typed, or null where that is too long to be anybody's password.</summary>
    public static NormalizedPassword? Of(string typed)
    {
        if (typed.Length > MaxRawLength)
            return null;

        var password = new NormalizedPassword(Nfkc.Normalize(typed));
        return password.Length <= MaxLength ? password : null;
    }
}
