using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A system of its own, whose services tests may kill.</summary>
public class MortalSystem : RunningSystem
{
    // Services poll revocations every second, so this is long enough, and shorter than the default of 15.
    // KVASPIRE_ERASURE_SETTLE overrides it.
    private static readonly string Settle = Environment.GetEnvironmentVariable("KVASPIRE_ERASURE_SETTLE") ?? "00:00:03";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    /// <summary>The system with its default settings.</summary>
    public MortalSystem()
        : base([])
    {
    }

    protected MortalSystem(string[] settings)
        : base(settings)
    {
    }

    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        Assert.True(await App.SignalAsync(resource, ResourceProcesses.Kill, cancellationToken), $"{resource} does not run.");
        await App.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    /// <summary>Starts an ended resource, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        // The orchestrator refuses the command right after the end of a process.
        var began = TimeProvider.System.GetTimestamp();
        while (!(await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken)).Success)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Recovery, $"{resource} does not start.");
            await Task.Delay(50, cancellationToken);
        }

        await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    protected override void Adjust(IDistributedApplicationTestingBuilder builder) => builder
        .CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "identity"))
        .WithEnvironment("Erasure__Settle", Settle);
}
