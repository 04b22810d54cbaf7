using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Changes.Watch;

/// <summary>Listens to the notifications of other replicas, on one connection for all watches.</summary>
internal sealed partial class ChangeListener(
    ChangeNews news, NpgsqlDataSource database, TimeProvider time, ILogger<ChangeListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RepeatedFailure failure = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.changes.listen");
        while (true)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or IOException)
            {
                if (failure.Failed())
                    LogDeaf(logger, exception.GetType().Name);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) => news.Receive(notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {ChangeNotifier.Channel}", connection))
            await listen.ExecuteNonQueryAsync(stoppingToken);
        failure.Succeeded();

        while (true)
            await connection.WaitAsync(stoppingToken);
    }

    [LoggerMessage(EventIds.NotificationsNotHeard, LogLevel.Information, "The connection for notifications was lost ({Reason}); until it is back, watches find changes by polling.", EventName = nameof(EventIds.NotificationsNotHeard))]
    private static partial void LogDeaf(ILogger logger, string reason);
}
