using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A system of its own, whose services can be killed as a crash would.</summary>
public sealed class MortalSystem : RunningSystem
{
    private const int Kill = 9;

    // Every service asks for revocations once a second: enough, and shorter than the default of 15 for the test's sake.
    // KVASPIRE_ERASURE_SETTLE says otherwise.
    private static readonly string Settle = Environment.GetEnvironmentVariable("KVASPIRE_ERASURE_SETTLE") ?? "00:00:03";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    /// <summary>Kills the process of a resource.</summary>
    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        // Only what the system itself says is one of its processes.
        Assert.True(App.ResourceNotifications.TryGetCurrentState(resource, out var now));
        var process = Assert.IsType<int>(now.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value);
        _ = kill(process, Kill);
        await App.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    /// <summary>Starts a resource that has ended, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        // What has only just ended does not take the command yet.
        var began = TimeProvider.System.GetTimestamp();
        while (!(await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken)).Success)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Recovery, $"{resource} does not start.");
            await Task.Delay(50, cancellationToken);
        }

        await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Adjust(IDistributedApplicationTestingBuilder builder) => builder
        .CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "identity"))
        .WithEnvironment("Erasure__Settle", Settle);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
