namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>How much is traced. Section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// How many traces a process begins in a second at most. A request beyond that has a trace id all the same, in its error
    /// and its logs, and counts in the metrics; only its spans are not recorded. Few requests are all recorded, and a flood
    /// of them does not cost more to trace than to answer.
    /// </summary>
    public int TracesPerSecond { get; set; } = 100;

    /// <summary>
    /// Whether what a caller decided to record is recorded, whatever the limit: so where callers are our own services, and
    /// not where anybody can call. The gateway goes on with the traces of trusted networks only.
    /// </summary>
    public bool FollowsCallers { get; set; } = true;

    /// <summary>Whether the settings make sense.</summary>
    public bool IsValid => TracesPerSecond is >= 0 and <= 1_000_000;
}
