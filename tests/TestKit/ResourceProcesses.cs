using System.Globalization;
using System.Runtime.InteropServices;
using KvAspire.Hosting.Containers;

namespace KvAspire.TestKit;

/// <summary>The processes of resources of the system under test, and signals to processes and containers.</summary>
public static class ResourceProcesses
{
    /// <summary>Signals of Linux, signal(7).</summary>
    public const int Kill = 9, Continue = 18, Stop = 19;

    /// <summary>The process id of a running resource; null where it does not run, or runs in a container.</summary>
    public static int? ProcessOf(this DistributedApplication app, string resource) => app.Property(resource, "executable.pid") as int?;

    /// <summary>Sends a signal to a resource, if it runs.</summary>
    /// <returns>Whether the resource ran.</returns>
    public static async Task<bool> SignalAsync(this DistributedApplication app, string resource, int signal, CancellationToken cancellationToken)
    {
        if (app.ProcessOf(resource) is { } process)
            _ = kill(process, signal);
        else if (app.Property(resource, "container.id") is string { Length: > 0 } container)
            await ContainerEngine.RunAsync([.. Command(signal), container], cancellationToken);
        else
            return false;

        return true;
    }

    // Only of running resources: the id of an ended process may belong to another one by now.
    private static object? Property(this DistributedApplication app, string resource, string name) =>
        app.ResourceNotifications.TryGetCurrentState(resource, out var now) && now.Snapshot.State?.Text == KnownResourceStates.Running
            ? now.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value
            : null;

    // A signal reaches only the first process of a container; a pause reaches all.
    private static string[] Command(int signal) => signal switch
    {
        Stop => ["pause"],
        Continue => ["unpause"],
        _ => ["kill", string.Create(CultureInfo.InvariantCulture, $"--signal={signal}")],
    };

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
