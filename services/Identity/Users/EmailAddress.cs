using System.Globalization;
using System.Text;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.Users;

/// <summary>
/// The rules for e-mail addresses, and their unique form. It is not the full grammar of RFC 5321 with quotations and comments: only
/// a message can tell whether an address works.
/// </summary>
internal static class EmailAddress
{
    private const int MaxLength = 254, MaxMailbox = 64;

    // Nontransitional UTS 46, as browsers do: "faß.example" is not "fass.example".
    private static readonly IdnMapping Idn = new();

    /// <summary>The reason why a text is no address; null if it is one.</summary>
    public static string? Objection(string? text) =>
        text is not null && InvisibleCharacters.AreIn(text)
            ? "Invalid email value. Email must not contain control characters, zero-width characters or direction marks."
            : IsAddress(text) ? null : ErrorCatalogue.InvalidEmail.Message;

    /// <summary>
    /// The form in which addresses are compared: the mailbox in NFKC and upper case, the domain as A-labels (RFC 5890), also in
    /// upper case. A text that is no address has the form of a name.
    /// </summary>
    public static string Normalize(string text) =>
        text.LastIndexOf('@') is >= 0 and var at && ToAscii(text[(at + 1)..]) is { } domain
            ? $"{CaseInsensitiveNames.Normalize(text[..at])}@{domain.ToUpperInvariant()}"
            : CaseInsensitiveNames.Normalize(text);

    private static bool IsAddress(string? text) =>
        text is not null && CodePoints.AreAtMost(text, MaxLength)
        && !text.Any(c => char.IsWhiteSpace(c) || "\"(),:;<>[\\]".Contains(c))
        && text.Split('@') is [{ Length: > 0 } mailbox, { Length: > 0 } domain]
        && CodePoints.AreAtMost(mailbox, MaxMailbox) && AreLabels(mailbox)
        && ToAscii(domain) is { } ascii && AreLabels(ascii) && ascii.Contains('.') && !ascii.Contains('_');

    private static bool AreLabels(string dotted) => dotted.Split('.').All(label => label.Length > 0);

    // A domain of ASCII without A-labels needs no mapping.
    private static string? ToAscii(string domain)
    {
        if (Ascii.IsValid(domain) && !domain.Contains("xn--", StringComparison.OrdinalIgnoreCase))
            return domain;

        try
        {
            return Idn.GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
