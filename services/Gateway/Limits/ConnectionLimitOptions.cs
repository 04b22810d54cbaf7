using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Limits;

/// <summary>How many connections there are at once. Section <c>Connections</c>.</summary>
internal sealed class ConnectionLimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Connections";

    /// <summary>In all; 0 for any number.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Connections:Max must be between 0 and 1000000.")]
    public int Max { get; set; } = 10_000;

    /// <summary>From one address, or one /64 network of IPv6; 0 for any number. Trusted networks have none: all come from there.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Connections:MaxPerAddress must be between 0 and 1000000.")]
    public int MaxPerAddress { get; set; } = 1_000;
}
