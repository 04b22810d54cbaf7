using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Hosting.Ports;
using Xunit;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>A system of its own with the dashboard, which the tests of the failure lab break and mend.</summary>
public sealed class LabSystem() : RunningSystem(
[
    $"--Parameters:lab-password={Password}",
    $"--ASPNETCORE_URLS=http://localhost:{PortChoice.FreePort()}", $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:{PortChoice.FreePort()}",
    $"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://localhost:{PortChoice.FreePort()}", "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
])
{
    /// <summary>The password of the users <c>demo</c> and <c>load</c>.</summary>
    public const string Password = "a-password-of-the-lab-in-tests";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    protected override bool HasDashboard => true;

    /// <summary>Runs a command as Aspire's command line does.</summary>
    /// <returns>What it shows.</returns>
    public async Task<string> RunAsync(string resource, string command, CancellationToken cancellationToken, params (string Name, string Value)[] arguments)
    {
        var inputs = new InteractionInputCollection([.. arguments.Select(argument => new InteractionInput { Name = argument.Name, Value = argument.Value, InputType = InputType.Number })]);
        var result = arguments.Length == 0
            ? await App.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken)
            : await App.ResourceCommands.ExecuteCommandAsync(resource, command, inputs, cancellationToken);
        Assert.True(result.Success, $"{command} of {resource}: {result.Message}");
        return result.Data!.Value;
    }

    /// <summary>Starts an ended resource, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        // The orchestrator refuses the command right after the end of a process.
        await EventuallyAsync(async () => (await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken)).Success, $"{resource} does not start.", cancellationToken);
        await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string complaint, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await isSo(); await Task.Delay(100, cancellationToken))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Recovery, complaint);
    }
}

/// <summary>The classes that share a <see cref="LabSystem"/> run one after the other.</summary>
[CollectionDefinition]
public sealed class LabTests : ICollectionFixture<LabSystem>;
