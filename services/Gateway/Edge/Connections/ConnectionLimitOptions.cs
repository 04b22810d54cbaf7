using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>Limits concurrent connections. Section <c>Connections</c>.</summary>
internal sealed class ConnectionLimitOptions
{
    public const string Section = "Connections";

    /// <summary>The limit of all connections; 0 is no limit.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Connections:Max must be between 0 and 1000000.")]
    public int Max { get; set; } = 10_000;

    /// <summary>
    /// The limit of one address, or one IPv6 /64; 0 is no limit. It does not apply to trusted networks: behind a proxy all
    /// clients connect from there.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Connections:MaxPerAddress must be between 0 and 1000000.")]
    public int MaxPerAddress { get; set; } = 1_000;
}
