using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// What has no process of its own. A child (a database in its server) is in the state of its parent, and its health is asked
/// for once the parent is ready. A mere value is there from the beginning, or never.
/// </summary>
internal sealed class Follower(ResourceNotificationService notifications, HealthMonitor health)
{
    public Task FollowAsync(IResource resource, CancellationToken stop) => resource switch
    {
        IResourceWithParent child => FollowParentAsync(child, stop),
        ParameterResource parameter => ResolveAsync(parameter, stop),
        _ => BeThereAsync(resource, stop),
    };

    private async Task BeThereAsync(IResource resource, CancellationToken stop)
    {
        await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running });
        await health.WatchAsync(new(resource, resource.Name), stop);
    }

    private async Task ResolveAsync(ParameterResource parameter, CancellationToken stop)
    {
        try
        {
            await parameter.GetValueAsync(stop);
            await BeThereAsync(parameter, stop);
        }
        catch (DistributedApplicationException e)
        {
            await notifications.PublishUpdateAsync(parameter, s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
                Reason = e.Message,
            });
        }
    }

    private async Task FollowParentAsync(IResourceWithParent child, CancellationToken stop)
    {
        CancellationTokenSource? watching = null;
        await foreach (var change in notifications.WatchAsync(stop))
        {
            if (change.Resource != child.Parent)
                continue;

            var parent = change.Snapshot;
            var runs = parent.State?.Text == KnownResourceStates.Running;
            await notifications.PublishUpdateAsync(child, s => s with
            {
                State = parent.State,
                ExitCode = parent.ExitCode,
                StartTimeStamp = parent.StartTimeStamp,
                StopTimeStamp = parent.StopTimeStamp,
                Ready = runs ? s.Ready : null,
                HealthReports = runs ? s.HealthReports : [.. s.HealthReports.Select(r => r with { Status = null })],
            });

            if (runs && parent.Ready is { } ready && watching is null)
            {
                watching = CancellationTokenSource.CreateLinkedTokenSource(stop);
                _ = WatchAsync(child, ready, watching.Token);
            }
            else if (!runs && watching is not null)
            {
                await watching.CancelAsync();
                watching.Dispose();
                watching = null;
            }
        }
    }

    private async Task WatchAsync(IResource child, Task parentReady, CancellationToken stop)
    {
        await Task.WhenAny(parentReady, Task.Delay(Timeout.InfiniteTimeSpan, stop));
        if (parentReady.IsCompletedSuccessfully)
            await health.WatchAsync(new(child, child.Name), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
