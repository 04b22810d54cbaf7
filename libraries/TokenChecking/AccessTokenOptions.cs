using System.ComponentModel.DataAnnotations;

namespace KvAspire.TokenChecking;

/// <summary>Settings of access tokens (RFC 9068), the same for all services. Section <c>Tokens</c>.</summary>
public sealed class AccessTokenOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Tokens";

    /// <summary>The <c>iss</c> claim: the gateway's public URL.</summary>
    [Required, Url]
    public string Issuer { get; set; } = "";

    /// <summary>The <c>aud</c> claim.</summary>
    [Required]
    public string Audience { get; set; } = "kvaspire";

    /// <summary>How many checked tokens a process caches, at about 2 KiB each.</summary>
    [Range(2, 10_000_000)]
    public int CachedTokens { get; set; } = 10_000;
}
