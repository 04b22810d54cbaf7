using System.Globalization;
using System.Runtime.InteropServices;
using KvAspire.Hosting.Containers;

namespace KvAspire.Hosting.Programs;

/// <summary>The processes of resources, and signals to them. A container gets what its engine has in place of a signal.</summary>
public static class ResourceSignals
{
    /// <summary>Signals of Linux, signal(7).</summary>
    public const int Kill = 9, Continue = 18, Stop = 19;

    /// <summary>The process id of a running resource; null if it does not run, or runs in a container.</summary>
    // Only of running resources: the id of an ended process may belong to another one by now.
    public static int? ProcessOf(this ResourceNotificationService resources, string resource) =>
        resources.TryGetCurrentState(resource, out var now) && now.Snapshot.State?.Text == KnownResourceStates.Running
            ? now.Snapshot.Property("executable.pid") as int?
            : null;

    /// <summary>Sends a signal to the process of a resource.</summary>
    /// <returns>Whether the resource ran.</returns>
    public static async Task<bool> SignalAsync(this ResourceNotificationService resources, string resource, int signal, CancellationToken cancellationToken) =>
        resources.ProcessOf(resource) is { } process ? kill(process, signal) == 0
        : resources.ContainerOf(resource) is { } container && await SignalContainerAsync(container, signal, cancellationToken);

    /// <summary>
    /// Sends a signal to the process of a resource and to its children. To stop Postgres takes both: its connections are
    /// processes of their own.
    /// </summary>
    /// <returns>Whether the resource ran.</returns>
    public static async Task<bool> SignalAllAsync(this ResourceNotificationService resources, string resource, int signal, CancellationToken cancellationToken)
    {
        if (!await resources.SignalAsync(resource, signal, cancellationToken))
            return false;

        // The parent has got the signal: a stopped one has no further children.
        if (resources.ProcessOf(resource) is { } parent)
        {
            foreach (var child in ChildrenOf(parent))
                _ = kill(child, signal);
        }

        return true;
    }

    private static string? ContainerOf(this ResourceNotificationService resources, string resource) =>
        resources.TryGetCurrentState(resource, out var now) && !KnownResourceStates.TerminalStates.Contains(now.Snapshot.State?.Text)
            ? now.Snapshot.Property("container.id") as string
            : null;

    private static object? Property(this CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;

    // A signal reaches only the first process of a container; a pause reaches all.
    private static async Task<bool> SignalContainerAsync(string container, int signal, CancellationToken cancellationToken)
    {
        string[] command = signal switch
        {
            Stop => ["pause"],
            Continue => ["unpause"],
            _ => ["kill", string.Create(CultureInfo.InvariantCulture, $"--signal={signal}")],
        };
        return await ContainerEngine.RunAsync([.. command, container], cancellationToken) is not null;
    }

    // proc_pid_stat(5): "pid (name) state ppid …", and the name may contain anything.
    private static IEnumerable<int> ChildrenOf(int parent)
    {
        if (!OperatingSystem.IsLinux())
            yield break;

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) && ParentOf(folder) == parent)
                yield return process;
        }
    }

    private static int? ParentOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // the process has ended
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
