using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>
/// Asks a running resource how it is: often until it is healthy for the first time (what waits for it should not wait for the
/// clock), seldom afterwards. Announces that first time.
/// </summary>
internal sealed class HealthMonitor(
    HealthCheckService checks,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider clock)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _slowest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _whenHealthy = TimeSpan.FromSeconds(30);

    /// <summary>Watches until cancelled, which is when the process has ended.</summary>
    public async Task WatchAsync(ResourceInstance instance, CancellationToken cancellation)
    {
        instance.Enter();
        var keys = instance.Resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key).ToHashSet();
        var ready = false;
        for (var pause = _first; ; pause = Longer(pause))
        {
            var reports = keys.Count == 0 ? [] : await CheckAsync(keys, cancellation);
            var healthy = reports.All(r => r.Status is HealthStatus.Healthy);
            await notifications.PublishUpdateAsync(instance.Resource, instance.Id, s => s with { HealthReports = reports });
            if (healthy && !ready)
            {
                ready = true;
                await AnnounceAsync(instance, cancellation);
            }

            if (keys.Count == 0)
                return;

            await Task.Delay(healthy ? _whenHealthy : pause, clock, cancellation);
            if (healthy)
                pause = _first;
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 1.5 < _slowest ? pause * 1.5 : _slowest;

    private async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(HashSet<string> keys, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(c => keys.Contains(c.Name), cancellation);
        return [.. report.Entries.Select(e => new HealthReportSnapshot(
            e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.Message)
        {
            LastRunAt = clock.GetUtcNow().UtcDateTime,
        })];
    }

    // Whoever waits for the resource also waits for the subscribers: that is where a database gets created.
    private async Task AnnounceAsync(ResourceInstance instance, CancellationToken cancellation)
    {
        var announced = eventing.PublishAsync(new ResourceReadyEvent(instance.Resource, services), cancellation);
        await notifications.PublishUpdateAsync(instance.Resource, instance.Id, s => s with { Ready = announced });
        try
        {
            await announced;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await notifications.PublishUpdateAsync(
                instance.Resource, instance.Id, s => s with { Reason = $"'{instance.Id}' is healthy, but {e.Message}" });
        }
    }
}
