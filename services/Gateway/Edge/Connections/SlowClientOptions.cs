using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>Limits how slow a client may be. Section <c>SlowClients</c>. The defaults are Kestrel's.</summary>
internal sealed class SlowClientOptions
{
    public const string Section = "SlowClients";

    private const double MaxRate = 1024 * 1024;

    /// <summary>The time limit from a request's first byte to the end of its headers; then 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "SlowClients:HeadersTimeout must be between 00:00:01 and 00:10:00.")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The minimum average rate of a request body in bytes per second, else 408; 0 is no minimum.</summary>
    [Range(0d, MaxRate, ErrorMessage = "SlowClients:MinBodyRate must be between 0 and 1048576.")]
    public double MinBodyRate { get; set; } = 240;

    /// <summary>
    /// The minimum rate in bytes per second at which the client must read a response, else the gateway aborts the
    /// connection; 0 is no minimum.
    /// </summary>
    [Range(0d, MaxRate, ErrorMessage = "SlowClients:MinAnswerRate must be between 0 and 1048576.")]
    public double MinAnswerRate { get; set; } = 240;

    /// <summary>How long either may be below its minimum. Kestrel checks once a second.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00", ErrorMessage = "SlowClients:Grace must be between 00:00:02 and 00:10:00.")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);
}
