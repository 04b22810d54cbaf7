using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public partial class ResourceNotificationService
{
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToArray();
        var reached = await WaitForResourceAsync(resourceName, e => states.Contains(e.Snapshot.State?.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    public Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default) =>
        FirstAsync(e => ResourceName.Comparer.Equals(e.Resource.Name, resourceName) && predicate(e), cancellationToken);

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(resourceName, e => IsReady(e) || Gone(e, waitBehavior), cancellationToken);
        return await ReadyAsync(reached, cancellationToken);
    }

    /// <summary>Waits for everything that the resource waits for; throws, with the reason, when it cannot come any more.</summary>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) =>
        Task.WhenAll(resource.Annotations.OfType<WaitAnnotation>().SelectMany(
            wait => InstanceIds.Of(wait.Resource).Select(id => WaitForAsync(wait, id, cancellationToken))));

    private async Task WaitForAsync(WaitAnnotation wait, string id, CancellationToken cancellationToken)
    {
        var behavior = wait.WaitBehavior ?? DefaultWaitBehavior;
        var reached = await FirstAsync(
            e => e.ResourceId == id && (Gone(e, behavior) || wait.WaitType switch
            {
                WaitType.WaitForCompletion => IsTerminal(e),
                WaitType.WaitUntilStarted => e.Snapshot.State?.Text == KnownResourceStates.Running,
                _ => IsReady(e),
            }),
            cancellationToken);

        if (wait.WaitType is WaitType.WaitForCompletion)
            Completed(reached, wait.ExitCode);
        else if (wait.WaitType is WaitType.WaitUntilHealthy)
            await ReadyAsync(reached, cancellationToken);
        else if (IsTerminal(reached))
            throw DependencyFailedException.Of(reached);
    }

    private async Task<ResourceEvent> FirstAsync(Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (predicate(change))
                return change;
        }

        throw new OperationCanceledException("The application has stopped.", cancellationToken);
    }

    private static async Task<ResourceEvent> ReadyAsync(ResourceEvent reached, CancellationToken cancellationToken)
    {
        if (reached.Snapshot.Ready is not { } ready || IsTerminal(reached))
            throw DependencyFailedException.Of(reached);

        await ready.WaitAsync(cancellationToken);
        return reached;
    }

    private static void Completed(ResourceEvent reached, int exitCode)
    {
        if (reached.Snapshot.State?.Text == KnownResourceStates.FailedToStart || reached.Snapshot.ExitCode != exitCode)
            throw DependencyFailedException.Of(reached);
    }

    private static bool IsReady(ResourceEvent e) =>
        e.Snapshot.HealthStatus is HealthStatus.Healthy && e.Snapshot.Ready is not null;

    private static bool Gone(ResourceEvent e, WaitBehavior behavior) =>
        behavior is WaitBehavior.StopOnResourceUnavailable && IsTerminal(e);

    private static bool IsTerminal(ResourceEvent e) =>
        e.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);
}
