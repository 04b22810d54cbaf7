using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>What the options and the settings of the AppHost come to.</summary>
internal sealed class RunOptions(DistributedApplicationOptions options, IConfiguration configuration)
{
    /// <summary>Whether this run has the console and the control socket: a person's, not a test's.</summary>
    public bool Interactive { get; } = !options.DisableDashboard;

    /// <summary>Whether no fixed port is used, so that runs can be side by side (the testing package asks for it).</summary>
    public bool RandomizePorts { get; } = configuration.GetValue("DcpPublisher:RandomizePorts", false);

    public bool LogResources { get; } = options.EnableResourceLogging;
}
