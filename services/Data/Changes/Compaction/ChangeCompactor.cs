using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>Runs the compaction periodically, on all replicas.</summary>
internal sealed partial class ChangeCompactor(
    ChangeCompaction compaction, IOptions<CompactionOptions> options, TimeProvider time, ILogger<ChangeCompactor> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await CompactAsync(stoppingToken);
    }

    private async Task CompactAsync(CancellationToken stoppingToken)
    {
        using var round = BackgroundRound.Begin("kvaspire.changes.compact", time);
        try
        {
            var removed = await compaction.RunAsync(options.Value, stoppingToken);
            round.Did("kvaspire.changes.removed", removed);
            if (removed > 0)
                LogRemoved(logger, removed);
        }
        catch (DbException exception)
        {
            LogPostponed(logger, exception);
        }
    }

    [LoggerMessage(EventIds.ChangesCompacted, LogLevel.Information, "{Count} old changes were removed.")]
    private static partial void LogRemoved(ILogger logger, long count);

    [LoggerMessage(EventIds.CompactionPostponed, LogLevel.Warning, "Old changes could not be removed; the next round tries again.")]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
