using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Limits;

/// <summary>How slow a client may be. Section <c>SlowClients</c>. The defaults are Kestrel's.</summary>
internal sealed class SlowClientOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "SlowClients";

    private const double MaxRate = 1024 * 1024;

    /// <summary>How long all headers of a request may take from its first byte on; beyond it the answer is 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "SlowClients:HeadersTimeout must be between 00:00:01 and 00:10:00.")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How fast a body must come on average, in bytes per second, else the answer is 408; 0 for any pace.</summary>
    [Range(0d, MaxRate, ErrorMessage = "SlowClients:MinBodyRate must be between 0 and 1048576.")]
    public double MinBodyRate { get; set; } = 240;

    /// <summary>How fast an answer must be taken, in bytes per second, while there is more of it to send, else the connection is cut; 0 for any pace.</summary>
    [Range(0d, MaxRate, ErrorMessage = "SlowClients:MinAnswerRate must be between 0 and 1048576.")]
    public double MinAnswerRate { get; set; } = 240;

    /// <summary>How long either may be slower before it counts. Kestrel looks once in a second.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00", ErrorMessage = "SlowClients:Grace must be between 00:00:02 and 00:10:00.")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);
}
