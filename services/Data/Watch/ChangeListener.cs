using System.Data.Common;
using Npgsql;
using OpenTelemetry;

namespace KvAspire.Data.Watch;

/// <summary>Listens to what other replicas notify, on one connection for all watches.</summary>
internal sealed partial class ChangeListener(
    ChangeNews news, NpgsqlDataSource database, TimeProvider time, ILogger<ChangeListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        while (true)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or IOException)
            {
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

        while (true)
            await connection.WaitAsync(stoppingToken);
    }

    [LoggerMessage(31, LogLevel.Information, "Notifications of changes are not heard ({Reason}): watches find changes by polling.")]
    private static partial void LogDeaf(ILogger logger, string reason);
}
