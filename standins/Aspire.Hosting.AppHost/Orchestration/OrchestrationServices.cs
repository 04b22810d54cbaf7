using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Aspire.Hosting.Ports;
using Aspire.Hosting.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Everything that runs an application, in the host's services.</summary>
internal static class OrchestrationServices
{
    // Longer than any process is given to stop: the host must not give up on it.
    private static readonly TimeSpan _shutdown = TimeSpan.FromSeconds(90);

    public static void AddOrchestration(this IServiceCollection services, DistributedApplicationBuilder builder, RunOptions run)
    {
        var onUnavailable = run.Interactive ? WaitBehavior.WaitOnResourceUnavailable : WaitBehavior.StopOnResourceUnavailable;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new DistributedApplicationModel(builder.Resources));
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(_ => new ResourceNotificationService(onUnavailable));
        services.AddSingleton<ResourceLoggerService>();
        services.AddSingleton(provider => new ResourceCommandService(provider));
        services.AddSingleton<LifecycleCommands>();
        services.AddSingleton<EndpointAllocator>();
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<Orchestrator>();
        services.AddHostedService<OrchestratorService>();
        services.AddHealthChecks();
        services.AddHttpClient();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = _shutdown);

        // A server that is still starting is no error, and the state of each resource says how it is.
        services.AddLogging(logging => logging
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddFilter("System.Net.Http.HttpClient", LogLevel.Warning));
    }
}

/// <summary>Starts and stops the resources with the host.</summary>
internal sealed class OrchestratorService(Orchestrator orchestrator, StateFolder state) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => OperatingSystem.IsLinux()
        ? orchestrator.StartAsync(cancellationToken)
        : throw new DistributedApplicationException(
            "The hosting stand-in runs on Linux only: on this system use a feed that has Aspire, and a container engine.");

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await orchestrator.StopAsync();
        state.Dispose();
    }
}
