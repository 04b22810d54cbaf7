using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Edge.Headers;

/// <summary>How long browsers must use TLS only (HSTS, RFC 6797). Section <c>Hsts</c>.</summary>
internal sealed class StrictTransportOptions
{
    public const string Section = "Hsts";

    /// <summary>Counts from each response over TLS; zero ends the rule (section 6.1.1).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1826.00:00:00", ErrorMessage = "Hsts:MaxAge must be between 00:00:00 and 1826.00:00:00.")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);
}
