using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Overload;

/// <summary>How much work a gateway gives to each service at once. Section <c>Overload</c>.</summary>
internal sealed class OverloadOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Overload";

    /// <summary>How many requests a service works on at once for this gateway.</summary>
    [Range(1, 100_000, ErrorMessage = "Overload:MaxConcurrent must be between 1 and 100000.")]
    public int MaxConcurrent { get; set; } = 128;

    /// <summary>How many more may wait for their turn; 0 refuses at once.</summary>
    [Range(0, 100_000, ErrorMessage = "Overload:MaxWaiting must be between 0 and 100000.")]
    public int MaxWaiting { get; set; } = 128;

    /// <summary>How long one waits at most. A wait that is longer would only add to what clients send again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Overload:MaxWait must be between 00:00:00.010 and 00:01:00.")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many refusals leave in a second; those beyond it wait, a second at most.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Overload:RefusalsPerSecond must be between 1 and 1000000.")]
    public int RefusalsPerSecond { get; set; } = 500;
}
