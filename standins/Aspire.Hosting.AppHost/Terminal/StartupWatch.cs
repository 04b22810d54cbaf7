using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Terminal;

/// <summary>Watches the first start of all resources, up to the moment when all are up or one has failed.</summary>
internal sealed class StartupWatch(DistributedApplicationModel model, ResourceNotificationService notifications)
{
    /// <summary>The sentence on the first resource that failed: what fails after it fails because of it. Null: all are up.</summary>
    public async Task<string?> FirstFailureAsync(CancellationToken cancellationToken)
    {
        var expected = model.Resources.Where(IsExpected).ToHashSet();
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (!expected.Contains(change.Resource))
                continue;
            if (change.Snapshot.Reason is { } reason)
                return reason;
            if (notifications.Current.Where(e => expected.Contains(e.Resource)).All(IsUp))
                return null;
        }

        return null;
    }

    private static bool IsExpected(IResource resource) =>
        (resource.HasAnnotationOfType<ProcessSourceAnnotation>() || resource is IResourceWithParent)
        && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>();

    private static bool IsUp(ResourceEvent e) => e.Snapshot.State?.Text == KnownResourceStates.Finished
        || (e.Snapshot.HealthStatus is HealthStatus.Healthy && e.Snapshot.Ready is { IsCompletedSuccessfully: true });
}
