using KvAspire.Identity.Text;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Users;

/// <summary>The form of usernames and e-mail addresses that is unique: without regard to case and to ways of writing.</summary>
internal sealed class CaseInsensitiveNames : ILookupNormalizer
{
    /// <inheritdoc/>
    public string? NormalizeName(string? name) => name is null ? null : Nfkc.Normalize(name).ToUpperInvariant();

    /// <inheritdoc/>
    public string? NormalizeEmail(string? email) => NormalizeName(email);
}
