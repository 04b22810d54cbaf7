using System.Net;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Telemetry.Metrics;

/// <summary>How metrics are measured and served. Section <c>Metrics</c>.</summary>
internal sealed class MetricsOptions
{
    public const string Section = "Metrics";

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromHours(1);

    /// <summary>The port that serves <c>/metrics</c> to Prometheus; 0 for any free port, null for none.</summary>
    public int? Port { get; set; }

    /// <summary>The IP address of that port: loopback, unless Prometheus runs on another machine.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>How often gauges that take a query are measured.</summary>
    public TimeSpan SurveyEvery { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for gauges whose query takes longer.</summary>
    public TimeSpan LongSurveyEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The address and port; null where nothing is served.</summary>
    public IPEndPoint? Endpoint => Port is { } port ? new(IPAddress.Parse(Address), port) : null;

    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public MetricsOptions Validate()
    {
        if (Port is < 0 or > 65535)
            throw Wrong("Set Metrics:Port to 0 to 65535, or leave it out.");
        if (!IPAddress.TryParse(Address, out _))
            throw Wrong("Set Metrics:Address to an IP address, such as 127.0.0.1, 0.0.0.0 or ::, or leave it out.");
        if (!IsInterval(SurveyEvery) || !IsInterval(LongSurveyEvery))
            throw Wrong("Set Metrics:SurveyEvery and Metrics:LongSurveyEvery to 0.1 seconds to 1 hour, or leave them out.");
        return this;
    }

    /// <summary>The failure of a wrong setting.</summary>
    public static OptionsValidationException Wrong(string sentence) => new(Section, typeof(MetricsOptions), [sentence]);

    private static bool IsInterval(TimeSpan time) => time >= Shortest && time <= Longest;
}
