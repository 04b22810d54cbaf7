using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace KvAspire.Hosting.Containers;

/// <summary>
/// A volume that lasts as long as the run. Each restart of a container resource makes a new container; without a volume the
/// server would lose its data, which a program keeps.
/// </summary>
internal sealed class RunVolume(string name) : IHostedLifecycleService
{
    private const string Prefix = "kvaspire-run-";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15), Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A unique name that contains this process's id.</summary>
    public static string NewName() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");

    /// <summary>Removes the volumes of killed runs.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var found = await ContainerEngine.RunAsync(["volume", "ls", "--quiet", "--filter", $"name={Prefix}"], cancellationToken) ?? "";
        foreach (var left in found.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(IsOrphan))
            await ContainerEngine.RunAsync(["volume", "rm", left], cancellationToken);
    }

    /// <summary>Removes the volume. Repeats until the orchestrator, at the same time, has removed the container.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(Pause, cancellationToken))
        {
            if (await ContainerEngine.RunAsync(["volume", "rm", "--force", name], cancellationToken) is not null)
                return;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsOrphan(string volume)
    {
        if (!volume.StartsWith(Prefix, StringComparison.Ordinal) || !int.TryParse(volume[Prefix.Length..].Split('-')[0], CultureInfo.InvariantCulture, out var process))
            return false;

        try
        {
            Process.GetProcessById(process).Dispose();
            return false;
        }
        catch (ArgumentException)
        {
            return true; // no such process
        }
    }
}
