using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Aspire.Hosting.Ports;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Proxy;

namespace Aspire.Hosting.Orchestration;

/// <summary>Sets everything going at once (the waits give the order), and stops it in the reverse order.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    EndpointAllocator ports,
    ReplicaProxies proxies,
    HealthMonitor health,
    IServiceProvider services,
    TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<InstanceRunner> _runners = [];

    public IReadOnlyList<InstanceRunner> Runners => _runners;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        var processes = model.Resources.Where(r => r.HasAnnotationOfType<ProcessSourceAnnotation>()).ToArray();
        foreach (var resource in processes)
            Prepare(resource);
        foreach (var resource in model.Resources)
            await AnnounceAsync(resource, cancellationToken);

        var follower = new Follower(notifications, health);
        foreach (var resource in model.Resources.Except(processes))
            _ = follower.FollowAsync(resource, _stopping.Token);
        foreach (var runner in _runners.Where(r => !r.Instance.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>()))
            await runner.StartAsync();

        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
    }

    /// <summary>Whatever waits for a resource is stopped before it.</summary>
    public async Task StopAsync()
    {
        var stops = new ConcurrentDictionary<IResource, Lazy<Task>>();
        await Task.WhenAll(_runners.Select(r => Stop(r.Instance.Resource)));
        await _stopping.CancelAsync();

        Task Stop(IResource resource) => stops.GetOrAdd(resource, r => new(() => StopAfterDependentsAsync(r))).Value;

        async Task StopAfterDependentsAsync(IResource resource)
        {
            await Task.WhenAll(_runners.Select(r => r.Instance.Resource).Where(r => WaitsFor(r, resource)).Distinct().Select(Stop));
            await Task.WhenAll(_runners.Where(r => r.Instance.Resource == resource).Select(r => r.StopAsync()));
        }
    }

    public void KillAll() => _runners.ForEach(runner => runner.Kill());

    public void Dispose()
    {
        KillAll(); // Where the start failed half-way, nobody has stopped what it had started.
        _runners.ForEach(runner => runner.Dispose());
        _stopping.Dispose();
    }

    private static bool WaitsFor(IResource dependent, IResource resource) =>
        dependent.Annotations.OfType<WaitAnnotation>().Any(w => w.Resource == resource);

    private void Prepare(IResource resource)
    {
        ResourceInstance[] instances = [.. InstanceIds.Of(resource).Select(id => new ResourceInstance(resource, id))];
        ports.Allocate(resource, instances);
        _runners.AddRange(instances.Select(instance =>
            new InstanceRunner(
                instance,
                notifications,
                loggers,
                eventing,
                stop => proxies.OpenAsync(resource, instances, stop),
                health,
                services,
                clock)));
    }

    private async Task AnnounceAsync(IResource resource, CancellationToken cancellationToken)
    {
        await notifications.PublishUpdateAsync(resource, s => s with
        {
            State = KnownResourceStates.NotStarted,
            CreationTimeStamp = clock.GetUtcNow().UtcDateTime,
            Urls = ResourceUrls.Of(resource),
            HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>()
                .Select(a => new HealthReportSnapshot(a.Key, Status: null, Description: null, ExceptionText: null))],
        });
        if (resource is IResourceWithEndpoints)
            await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
        if (resource is IResourceWithConnectionString)
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
    }
}
