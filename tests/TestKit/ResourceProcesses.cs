using KvAspire.Hosting.Programs;

namespace KvAspire.TestKit;

/// <summary>The processes of resources of the system under test, and signals to processes and containers.</summary>
public static class ResourceProcesses
{
    /// <summary>Signals of Linux, signal(7).</summary>
    public const int Kill = ResourceSignals.Kill, Continue = ResourceSignals.Continue, Stop = ResourceSignals.Stop;

    /// <summary>The process id of a running resource; null where it does not run, or runs in a container.</summary>
    public static int? ProcessOf(this DistributedApplication app, string resource) => app.ResourceNotifications.ProcessOf(resource);

    /// <summary>Sends a signal to a resource, if it runs.</summary>
    /// <returns>Whether the resource ran.</returns>
    public static Task<bool> SignalAsync(this DistributedApplication app, string resource, int signal, CancellationToken cancellationToken) =>
        app.ResourceNotifications.SignalAsync(resource, signal, cancellationToken);
}
