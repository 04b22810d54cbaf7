using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Aspire.Hosting.Ports;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Orchestration;

/// <summary>Takes one process through its states, again and again: waiting, starting, running, ended.</summary>
internal sealed class InstanceRunner(
    ResourceInstance instance,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    Func<CancellationToken, Task> openPublicPorts,
    HealthMonitor health,
    IServiceProvider services,
    TimeProvider clock) : IDisposable
{
    // The name that the real package has for it.
    private const string ProcessIdProperty = "executable.pid";

    private readonly SemaphoreSlim _commands = new(1);
    private readonly ResourceLog _log = loggers.Log(instance.Id);
    private CancellationTokenSource _stop = new();
    private Task _life = Task.CompletedTask;
    private ChildProcess? _child;

    public ResourceInstance Instance { get; } = instance;

    public int? ProcessId => _child?.Id;

    private IResource Resource => Instance.Resource;

    /// <summary>Sets the process going, unless it is. It has not started yet when this returns: it may have to wait.</summary>
    public async Task StartAsync()
    {
        await _commands.WaitAsync();
        try
        {
            if (!_life.IsCompleted)
                return;

            _stop.Dispose();
            _stop = new CancellationTokenSource();
            await BeginAsync(); // Before anybody can look: the end of the last run must not be taken for the end of this one.
            _life = Task.Run(() => LiveAsync(_stop.Token));
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Stops the process, or its waiting, and comes back when it is over.</summary>
    public async Task StopAsync()
    {
        await _commands.WaitAsync();
        try
        {
            await _stop.CancelAsync();
            await _life;
        }
        finally
        {
            _commands.Release();
        }
    }

    public void Kill() => _child?.Kill();

    public void Dispose()
    {
        _commands.Dispose();
        _stop.Dispose();
    }

    private async Task LiveAsync(CancellationToken stop)
    {
        Instance.Enter();
        try
        {
            await notifications.WaitForDependenciesAsync(Resource, stop);
            using var child = _child = await SpawnAsync(stop);
            await RunAsync(child, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Exited, StopTimeStamp = Now() });
        }
        catch (Exception e)
        {
            await FailAsync(e);
        }
        finally
        {
            _child = null;
        }

        if (notifications.TryGetCurrentState(Instance.Id, out var ended))
            await eventing.PublishAsync(new ResourceStoppedEvent(Resource, services, ended), CancellationToken.None);
    }

    private Task BeginAsync() => PublishAsync(s => s with
    {
        State = Resource.HasAnnotationOfType<WaitAnnotation>() ? KnownResourceStates.Waiting : KnownResourceStates.Starting,
        ExitCode = null,
        StartTimeStamp = null,
        StopTimeStamp = null,
        HealthReports = s.HealthReports.Unknown(),
        Ready = null,
        Reason = null,
        Properties = [.. s.Properties.Where(p => p.Name != ProcessIdProperty)],
    });

    private async Task<ChildProcess> SpawnAsync(CancellationToken stop)
    {
        await PublishAsync(s => s with { State = KnownResourceStates.Starting });
        await eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, services), stop);

        if (!Resource.TryGetLastAnnotation<ProcessSourceAnnotation>(out var source))
            throw new DistributedApplicationException($"'{Resource.Name}' is of a kind that this host cannot run.");

        var spec = await source.Prepare(new(Instance, services, _log), stop);
        await openPublicPorts(stop);
        await PortGuard.RequireFreeAsync(Instance, clock, stop);
        return await ProcessSpawner.StartAsync(spec, _log.Write);
    }

    private async Task RunAsync(ChildProcess child, CancellationToken stop)
    {
        await PublishAsync(s => s with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now(),
            Properties = [.. s.Properties.Where(p => p.Name != ProcessIdProperty), new(ProcessIdProperty, child.Id)],
        });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = health.WatchAsync(Instance, ended.Token);

        await Task.WhenAny(child.Exited, Task.Delay(Timeout.InfiniteTimeSpan, clock, ended.Token));
        var asked = !child.Exited.IsCompleted;
        if (asked)
            await EndAsync(child);

        await ended.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var code = await child.Exited;
        var reason = asked || code == 0 ? null : $"'{Instance.Id}' ended with exit code {code}; {LastWords.Of(_log)}.";
        if (reason is not null)
            _log.Write(reason, isError: true);
        await PublishAsync(s => s with
        {
            State = asked ? KnownResourceStates.Exited : KnownResourceStates.Finished,
            ExitCode = code,
            StopTimeStamp = Now(),
            Reason = reason,
        });
    }

    private async Task EndAsync(ChildProcess child)
    {
        await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
        if (!await child.StopAsync())
            _log.Write("It did not stop in time and was killed.", isError: true);
    }

    private async Task FailAsync(Exception e)
    {
        var reason = $"'{Instance.Id}' could not start: {e.Message}";
        _log.Write(reason, isError: true);
        await PublishAsync(s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            StopTimeStamp = Now(),
            Reason = reason,
        });
    }

    private DateTime Now() => clock.GetUtcNow().UtcDateTime;

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        notifications.PublishUpdateAsync(Resource, Instance.Id, change);
}
