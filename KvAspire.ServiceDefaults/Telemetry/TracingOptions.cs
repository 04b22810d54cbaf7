namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>How much is traced. Section <c>Telemetry</c>.</summary>
internal sealed class TracingOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// The most traces that a process starts per second, so that a flood of requests does not cost more to trace than to answer.
    /// Requests beyond the limit still have a trace id, in errors and logs, and count in the metrics; only their spans are
    /// missing.
    /// </summary>
    public int TracesPerSecond { get; set; } = 25;

    /// <summary>
    /// Whether to record the traces that a caller records, beyond the limit: true where callers are our own services. The gateway
    /// continues the traces of trusted networks only.
    /// </summary>
    public bool FollowsCallers { get; set; } = true;

    /// <summary>
    /// The most unrecorded requests per second of which a span is kept because they end as an error or are slow. At most half of
    /// them are refusals (4xx).
    /// </summary>
    public int KeptErrorsPerSecond { get; set; } = 50;

    /// <summary>How long a request takes that is kept as a slow one.</summary>
    public TimeSpan SlowRequest { get; set; } = TimeSpan.FromSeconds(1);

    public bool AreValid =>
        TracesPerSecond is >= 0 and <= 1_000_000 && KeptErrorsPerSecond is >= 0 and <= 1_000_000 && SlowRequest > TimeSpan.Zero;
}
