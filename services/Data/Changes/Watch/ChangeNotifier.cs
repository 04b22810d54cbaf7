using System.Data.Common;
using KvAspire.Data.Database;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Changes.Watch;

/// <summary>
/// Tells the other replicas of committed changes by NOTIFY. It sends many changes in one notification, and after their commit,
/// because transactions that notify commit one after the other.
/// </summary>
internal sealed partial class ChangeNotifier(
    ChangeNews news, NpgsqlDataSource database, TimeProvider time, ILogger<ChangeNotifier> logger) : BackgroundService
{
    public const string Channel = "kv_changes";

    // A notification need not wait for the disk: losing one loses no change.
    private const string Notify = $"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{Channel}', $1)";

    // Under load, the news of this time goes into one notification.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.changes.notify");
        while (true)
        {
            await news.AnyAsync(stoppingToken);
            foreach (var text in news.Take())
                await SendAsync(text, stoppingToken);
            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task SendAsync(string text, CancellationToken stoppingToken)
    {
        try
        {
            await using var command = database.CreateCommand(Notify).With(text);
            await command.ExecuteNonQueryAsync(stoppingToken);
        }
        catch (DbException exception)
        {
            LogNotSent(logger, exception.SqlState);
        }
    }

    [LoggerMessage(EventIds.NotificationNotSent, LogLevel.Debug, "Other replicas were not notified of changes ({SqlState}); they find them by polling.", EventName = nameof(EventIds.NotificationNotSent))]
    private static partial void LogNotSent(ILogger logger, string? sqlState);
}
