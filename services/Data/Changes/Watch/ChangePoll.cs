using System.Data.Common;
using KvAspire.Data.Changes.Log;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Watch;

/// <summary>
/// Polls the last revisions of all watched owners in one query, because a notification can be lost with its sender or its
/// connection.
/// </summary>
internal sealed partial class ChangePoll(
    WatchedOwners watched, ChangeLog log, IOptions<WatchOptions> options, TimeProvider time, ILogger<ChangePoll> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.changes.poll");
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

    [LoggerMessage(EventIds.ChangePollPostponed, LogLevel.Debug, "Watched owners could not be polled ({SqlState}); the next round tries again.", EventName = nameof(EventIds.ChangePollPostponed))]
    private static partial void LogNotPolled(ILogger logger, string? sqlState);
}
