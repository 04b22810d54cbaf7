using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>The commands <c>start</c>, <c>stop</c> and <c>restart</c>. Ports stay: those who depend on the resource go on.</summary>
internal sealed class LifecycleCommands(Orchestrator orchestrator, ResourceNotificationService notifications, TimeProvider clock)
{
    // A start that has to wait for another resource is reported as what it is, instead of keeping the caller.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public async Task<ExecuteCommandResult> ExecuteAsync(ResourceEvent target, string command, CancellationToken cancellationToken)
    {
        var runner = orchestrator.Runners.FirstOrDefault(r => r.Instance.Id == target.ResourceId);
        if (runner is null)
            return CommandResults.Failure($"'{target.ResourceId}' has no process of its own: it takes no commands.");

        if (command == KnownResourceCommands.StopCommand)
            return await StopAsync(runner);
        if (command == KnownResourceCommands.StartCommand)
            return await StartAsync(runner, "started", cancellationToken);
        if (command != KnownResourceCommands.RestartCommand)
            return CommandResults.Failure($"'{target.ResourceId}' knows no command '{command}': use start, stop or restart.");

        await StopAsync(runner);
        return await StartAsync(runner, "restarted", cancellationToken);
    }

    private static async Task<ExecuteCommandResult> StopAsync(InstanceRunner runner)
    {
        await runner.StopAsync();
        return CommandResults.Success($"'{runner.Instance.Id}' has stopped.");
    }

    private async Task<ExecuteCommandResult> StartAsync(InstanceRunner runner, string done, CancellationToken cancellationToken)
    {
        var id = runner.Instance.Id;
        await runner.StartAsync();
        try
        {
            var reached = await notifications.WaitForResourceAsync(
                runner.Instance.Resource.Name,
                e => e.ResourceId == id && (e.Snapshot.State?.Text == KnownResourceStates.Running || e.Snapshot.StopTimeStamp is not null),
                cancellationToken).WaitAsync(_patience, clock, cancellationToken);
            return reached.Snapshot.Reason is { } reason
                ? CommandResults.Failure(reason)
                : CommandResults.Success($"'{id}' has {done}.");
        }
        catch (TimeoutException)
        {
            return CommandResults.Success($"'{id}' will start as soon as what it waits for is ready.");
        }
    }
}
