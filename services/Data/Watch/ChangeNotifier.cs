using System.Data.Common;
using Npgsql;
using OpenTelemetry;

namespace KvAspire.Data.Watch;

/// <summary>
/// Tells the other replicas of committed changes, through Postgres' notifications: many changes in one, and after their
/// commit rather than in it, since transactions that notify commit one after the other.
/// </summary>
internal sealed partial class ChangeNotifier(
    ChangeNews news, NpgsqlDataSource database, TimeProvider time, ILogger<ChangeNotifier> logger) : BackgroundService
{
    /// <summary>The channel.</summary>
    public const string Channel = "kv_changes";

    // Notifications must not wait for the disk: nothing is lost with one.
    private const string Notify = $"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{Channel}', $1)";

    // While there is much news, this much of it goes in one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
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
            await using var command = database.CreateCommand(Notify);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
            await command.ExecuteNonQueryAsync(stoppingToken);
        }
        catch (DbException exception)
        {
            LogNotSent(logger, exception.SqlState);
        }
    }

    [LoggerMessage(30, LogLevel.Debug, "Other replicas were not notified of changes ({SqlState}); they will find them.")]
    private static partial void LogNotSent(ILogger logger, string? sqlState);
}
