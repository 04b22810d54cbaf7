using KvAspire.Identity.Text;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// A password in the form that is hashed: NFKC (NIST SP 800-63B, section 3.1.1.2), so that every keyboard gives the same
/// password.
/// </summary>
internal sealed class NormalizedPassword
{
    /// <summary>The fewest and the most code points.</summary>
    public const int MinLength = 8, MaxLength = 128;

    // More than 128 code points can take before normalization, and little enough to normalize.
    private const int MaxRawLength = 1024;

    private NormalizedPassword(string text) => Text = text;

    public string Text { get; }

    /// <summary>The number of code points.</summary>
    public int Length => Text.EnumerateRunes().Count();

    /// <summary>Normalizes a password; null where it is too long for any user's password.</summary>
    public static NormalizedPassword? Of(string typed)
    {
        if (typed.Length > MaxRawLength)
            return null;

        var password = new NormalizedPassword(Nfkc.Normalize(typed));
        return password.Length <= MaxLength ? password : null;
    }
}
