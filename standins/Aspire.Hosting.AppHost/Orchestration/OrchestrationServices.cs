using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Control;
using Aspire.Hosting.Health;
using Aspire.Hosting.Ports;
using Aspire.Hosting.Proxy;
using Aspire.Hosting.State;
using Aspire.Hosting.Telemetry;
using Aspire.Hosting.Terminal;
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
        services.AddSingleton<ReplicaProxies>();
        services.AddSingleton<OtlpSink>();

        // Started in this order and stopped in the reverse one: what shows the resources outlives them.
        services.AddHostedService<StateService>();
        if (run.Interactive)
            services.AddTerminal();
        if (run.LogResources)
            services.AddHostedService<ResourceLogForwarder>();
        services.AddHostedService<OrchestratorService>();
        services.AddHealthChecks();
        services.AddHttpClient();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = _shutdown);

        // A server that is still starting is no error, and the state of each resource says how it is.
        services.AddLogging(logging => logging
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            .AddFilter("System.Net.Http.HttpClient", LogLevel.Warning));
    }

    private static void AddTerminal(this IServiceCollection services)
    {
        services.AddSingleton<TerminalOutput>();
        services.AddSingleton<StartupWatch>();
        services.AddSingleton<ControlSocket>();
        services.AddHostedService(provider => provider.GetRequiredService<ControlSocket>());
        services.AddHostedService<TerminalService>();

        // A start that fails is said in one sentence, not with a stack trace.
        services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None));
    }
}

/// <summary>Starts and stops the resources with the host.</summary>
internal sealed class OrchestratorService(Orchestrator orchestrator) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => OperatingSystem.IsLinux()
        ? orchestrator.StartAsync(cancellationToken)
        : throw new DistributedApplicationException(
            "The hosting stand-in runs on Linux only: on this system use a feed that has Aspire, and a container engine.");

    public Task StopAsync(CancellationToken cancellationToken) => orchestrator.StopAsync();
}

/// <summary>Holds the state folder of a person's run from the first moment to the last, so that there is only one such run.</summary>
internal sealed class StateService(StateFolder state, RunOptions run) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (run.Interactive)
            state.Open();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        state.Dispose();
        return Task.CompletedTask;
    }
}
