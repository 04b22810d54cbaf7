using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources: <c>start</c>, <c>stop</c>, <c>restart</c>, and those that the AppHost added.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;
    private readonly ResourceNotificationService _notifications;

    internal ResourceCommandService(IServiceProvider services)
    {
        _services = services;
        _notifications = services.GetRequiredService<ResourceNotificationService>();
    }

    /// <summary>Executes a command of every process of a resource (by the resource's name) or of one of its replicas.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var found = _notifications.Current
            .Where(e => ResourceName.Comparer.Equals(e.ResourceId, resourceId) || ResourceName.Comparer.Equals(e.Resource.Name, resourceId))
            .ToArray();
        if (found.Length == 0)
            return CommandResults.Failure($"There is no resource '{resourceId}'.");

        var results = await Task.WhenAll(found.Select(e => ExecuteAsync(e, commandName, cancellationToken)));
        return results.FirstOrDefault(r => !r.Success) ?? Together(results);
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);

    private static ExecuteCommandResult Together(ExecuteCommandResult[] results) =>
        new() { Success = true, Message = string.Join(" ", results.Select(r => r.Message).Where(m => m is not null)) };

    private async Task<ExecuteCommandResult> ExecuteAsync(ResourceEvent target, string command, CancellationToken cancellationToken)
    {
        var own = target.Resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(a => a.Name == command);
        try
        {
            return own is null
                ? await _services.GetRequiredService<LifecycleCommands>().ExecuteAsync(target, command, cancellationToken)
                : await ExecuteAsync(own, target, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
        catch (Exception e)
        {
            return CommandResults.Failure(e);
        }
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(
        ResourceCommandAnnotation command, ResourceEvent target, CancellationToken cancellationToken)
    {
        var state = command.UpdateState(new() { ResourceSnapshot = target.Snapshot, ServiceProvider = _services });
        return state is not ResourceCommandState.Enabled
            ? CommandResults.Failure($"'{target.ResourceId}' does not take the command '{command.Name}' now.")
            : await command.ExecuteCommand(new()
            {
                ServiceProvider = _services,
                ResourceName = target.ResourceId,
                CancellationToken = cancellationToken,
                Logger = _services.GetRequiredService<ResourceLoggerService>().GetLogger(target.ResourceId),
            });
    }
}
