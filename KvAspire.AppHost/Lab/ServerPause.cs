using System.Globalization;
using KvAspire.Hosting.Programs;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KvAspire.AppHost.Lab;

/// <summary>
/// Stops the processes of a server for a while, and continues them. Its connections stay open and nothing answers, which is
/// harder on callers than a server that is gone.
/// </summary>
#pragma warning disable CA1001 // lives as long as the AppHost
internal sealed partial class ServerPause(string server, string meaning, IReadOnlyList<string> watch)
#pragma warning restore CA1001
{
    private static readonly LabNumber Seconds = new("seconds", "For how long (s)", Usual: 60, Least: 1, Most: 600);

    private readonly SemaphoreSlim turn = new(1);
    private (int? Process, DateTimeOffset Until, CancellationTokenSource Over)? pause;

    public LabCommand Pause => new(
        "pause", "Pause", "Pause", $"Stops all processes of {server} (SIGSTOP) for a while. They continue by themselves.", PauseAsync)
    {
        Confirmation = $"Pause {server}? {meaning}",
        Arguments = [Seconds.Input],
    };

    public LabCommand Resume => new("resume", "Resume", "Play", $"Continues {server} after its pause (SIGCONT).", ResumeAsync);

    private async Task<LabResult> PauseAsync(ExecuteCommandContext context)
    {
        var resources = context.Services.GetRequiredService<ResourceNotificationService>();
        var time = context.Services.GetRequiredService<TimeProvider>();
        var duration = TimeSpan.FromSeconds(Seconds.Read(context));
        await turn.WaitAsync(context.CancellationToken);
        try
        {
            // A server that was restarted meanwhile has other processes, which run.
            if (pause is { } current && current.Process == resources.ProcessOf(server))
                return new(string.Create(CultureInfo.InvariantCulture, $"{server} is paused already. It resumes at {current.Until:HH:mm:ss} UTC."));
            if (!await resources.SignalAllAsync(server, ResourceSignals.Stop, context.CancellationToken))
                return new($"{server} does not run. Start it with its command `start`.");

            var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var over = CancellationTokenSource.CreateLinkedTokenSource(stopping); // a stopped process would not end
            pause = (resources.ProcessOf(server), time.GetUtcNow() + duration, over);
            _ = ContinueAfterAsync(duration, resources, time, context.Logger, over);
            return new(string.Create(CultureInfo.InvariantCulture, $"{server} is paused. It resumes at {pause.Value.Until:HH:mm:ss} UTC, or by its command `resume`."), watch);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<LabResult> ResumeAsync(ExecuteCommandContext context)
    {
        var resources = context.Services.GetRequiredService<ResourceNotificationService>();
        if (pause is null)
            return new($"{server} is not paused.");

        return await ContinueAsync(resources)
            ? new($"{server} continues.", "Resources: services that need it are Healthy again within seconds.", "Structured logs: `answers again`.")
            : new($"{server} does not run. Start it with its command `start`.");
    }

    private async Task ContinueAfterAsync(TimeSpan duration, ResourceNotificationService resources, TimeProvider time, ILogger logger, CancellationTokenSource over)
    {
        try
        {
            await Task.Delay(duration, time, over.Token);
        }
        catch (OperationCanceledException) when (pause?.Over != over)
        {
            return; // resumed by command
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }

        await ContinueAsync(resources);
        LogContinued(logger, server);
    }

    private async Task<bool> ContinueAsync(ResourceNotificationService resources)
    {
        await turn.WaitAsync();
        try
        {
            if (pause is { } ended)
            {
                pause = null;
                await ended.Over.CancelAsync();
                ended.Over.Dispose();
            }

            return await resources.SignalAllAsync(server, ResourceSignals.Continue, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    [LoggerMessage(EventIds.ServerContinued, LogLevel.Information, "{Server} continues by itself after its pause.", EventName = nameof(EventIds.ServerContinued))]
    private static partial void LogContinued(ILogger logger, string server);
}
