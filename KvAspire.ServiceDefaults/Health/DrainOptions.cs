using System.ComponentModel.DataAnnotations;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>How a service stops. Section <c>Drain</c>.</summary>
internal sealed class DrainOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Drain";

    /// <summary>
    /// How long it serves on after SIGTERM, while <c>/health</c> says 503: longer than those who balance take to notice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Drain:Delay must be between 00:00:00 and 00:10:00.")]
    public TimeSpan Delay { get; set; }
}
