using KvAspire.Identity.Text;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Users;

/// <summary>The unique form of usernames, NFKC in upper case, and of e-mail addresses (<see cref="EmailAddress.Normalize"/>).</summary>
internal sealed class CaseInsensitiveNames : ILookupNormalizer
{
    // Unicode 16 gave two old letters a capital. Older releases of ICU do not know it, and stored names may have it.
    public static string Normalize(string name) =>
        Nfkc.Normalize(name).ToUpperInvariant().Replace('\u019B', '\uA7DC').Replace('\u0264', '\uA7CB');

    public string? NormalizeName(string? name) => name is null ? null : Normalize(name);

    public string? NormalizeEmail(string? email) => email is null ? null : EmailAddress.Normalize(email);
}
