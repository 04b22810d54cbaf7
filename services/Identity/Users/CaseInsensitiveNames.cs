using KvAspire.Identity.Text;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Users;

/// <summary>The unique form of usernames and e-mail addresses: NFKC in upper case.</summary>
internal sealed class CaseInsensitiveNames : ILookupNormalizer
{
    // Unicode 16 gave two old letters a capital. Older releases of ICU do not know it, and stored names may have it.
    public string? NormalizeName(string? name) =>
        name is null ? null : Nfkc.Normalize(name).ToUpperInvariant().Replace('\u019B', '\uA7DC').Replace('\u0264', '\uA7CB');

    public string? NormalizeEmail(string? email) => NormalizeName(email);
}
