using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Admission.Gates;

/// <summary>Limits the requests of this gateway to each service. Section <c>Overload</c>.</summary>
internal sealed class OverloadOptions
{
    public const string Section = "Overload";

    /// <summary>Concurrent requests to one service.</summary>
    [Range(1, 100_000, ErrorMessage = "Overload:MaxConcurrent must be between 1 and 100000.")]
    public int MaxConcurrent { get; set; } = 128;

    /// <summary>The queue's length for one service; 0 is no queue.</summary>
    [Range(0, 100_000, ErrorMessage = "Overload:MaxWaiting must be between 0 and 100000.")]
    public int MaxWaiting { get; set; } = 128;

    /// <summary>The longest wait in the queue. A longer wait would only add retries of clients.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Overload:MaxWait must be between 00:00:00.010 and 00:01:00.")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>429s and 503s together are immediate up to this rate, then delayed by at most 1 s.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Overload:RefusalsPerSecond must be between 1 and 1000000.")]
    public int RefusalsPerSecond { get; set; } = 500;
}
