using System.Data.Common;
using KvAspire.Data.Revisions;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace KvAspire.Data.Watch;

/// <summary>
/// Looks after the owners that are watched, all in one query: a notification may be lost, with the replica that was to send
/// it or with the connection that was to bring it.
/// </summary>
internal sealed partial class ChangePoll(
    WatchedOwners watched, ChangeLog log, IOptions<WatchOptions> options, TimeProvider time, ILogger<ChangePoll> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.Poll, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await PollAsync(stoppingToken);
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        var owners = watched.Names();
        if (owners.Length == 0)
            return;

        try
        {
            foreach (var (owner, last) in await log.LastAsync(owners, stoppingToken))
                watched.Advance(owner, last);
        }
        catch (DbException exception)
        {
            LogNotPolled(logger, exception.SqlState);
        }
    }

    [LoggerMessage(32, LogLevel.Debug, "Watched owners could not be looked after ({SqlState}); the next round tries again.")]
    private static partial void LogNotPolled(ILogger logger, string? sqlState);
}
