using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>How the testing package takes part while an AppHost's entry point describes its application.</summary>
internal abstract class BuilderHook
{
    private static readonly AsyncLocal<BuilderHook?> _current = new();

    /// <summary>The hook of the entry point that runs in this flow, if a test runs it.</summary>
    public static BuilderHook? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public abstract void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings host);

    public abstract void OnBuilderCreated(DistributedApplicationBuilder builder);

    public abstract void OnBuilding(DistributedApplicationBuilder builder);

    public abstract void OnBuilt(DistributedApplication application);

    /// <summary>The entry point's <c>Run</c>: the test starts and stops the application, the entry point only waits.</summary>
    public abstract Task RunAsync(DistributedApplication application, CancellationToken cancellationToken);
}
