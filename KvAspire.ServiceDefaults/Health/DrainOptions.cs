using System.ComponentModel.DataAnnotations;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>How a service stops. Section <c>Drain</c>.</summary>
internal sealed class DrainOptions
{
    public const string Section = "Drain";

    /// <summary>
    /// For how long the service still accepts requests after SIGTERM, while <c>/health</c> is 503: longer than load balancers
    /// take to notice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Drain:Delay must be between 00:00:00 and 00:10:00.")]
    public TimeSpan Delay { get; set; }
}
