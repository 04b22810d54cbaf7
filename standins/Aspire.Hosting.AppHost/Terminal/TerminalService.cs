using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Control;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Terminal;

/// <summary>Shows a run to the person who started it: the lines, the table when all is up, what failed, and the end.</summary>
internal sealed class TerminalService(
    TerminalOutput terminal,
    ResourceLoggerService loggers,
    ResourceNotificationService notifications,
    StartupWatch startup,
    ControlSocket control,
    Orchestrator orchestrator,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private const int KilledByInterrupt = 130;

    private readonly List<PosixSignalRegistration> _signals = [];
    private int _interrupts;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten += terminal.Line;
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnInterrupt));
        lifetime.ApplicationStopping.Register(() => terminal.Say("Stopping everything in order; Ctrl+C again kills at once."));
        lifetime.ApplicationStopped.Register(() => terminal.Say("Stopped."));
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await startup.FirstFailureAsync(stoppingToken) is { } failure)
        {
            Environment.ExitCode = 1;
            lifetime.ApplicationStopped.Register(() => terminal.Fail(failure)); // The last line is the one that is read.
            lifetime.StopApplication();
        }
        else if (!stoppingToken.IsCancellationRequested)
        {
            terminal.Say($"\n{ResourceTable.Of(notifications.Current)}\nControl socket: {control.Path}\nPress Ctrl+C to stop.\n");
        }
    }

    private void OnInterrupt(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _interrupts) == 1)
            return; // The host stops.

        terminal.Say("Killing everything.");
        orchestrator.KillAll();
        Environment.Exit(KilledByInterrupt);
    }
}
