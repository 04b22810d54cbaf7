using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>Runs the compaction periodically, on all replicas.</summary>
internal sealed partial class ChangeCompactor(
    ChangeCompaction compaction, CompactionMetrics metrics, IOptions<CompactionOptions> options, TimeProvider time, ILogger<ChangeCompactor> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var isComplete = true; ;)
        {
            // Soon again where another replica was compacting: this one cannot tell how far that one comes.
            await Task.Delay(isComplete ? options.Value.Interval : options.Value.Interval / 10, time, stoppingToken);
            isComplete = await CompactAsync(stoppingToken);
        }
    }

    private async Task<bool> CompactAsync(CancellationToken stoppingToken)
    {
        using var round = BackgroundRound.Begin("kvaspire.changes.compact", time);
        var began = time.GetUtcNow();
        try
        {
            if (await compaction.RunAsync(options.Value, stoppingToken) is not { } done)
                return false;

            round.Did("kvaspire.changes.removed", done.Removed);
            metrics.Remove(done.Removed);
            metrics.Complete(began + (done.NextDue < TimeSpan.Zero ? TimeSpan.Zero : done.NextDue));
            if (done.Removed > 0)
                LogRemoved(logger, done.Removed);
        }
        catch (DbException exception)
        {
            LogPostponed(logger, exception);
        }

        return true;
    }

    [LoggerMessage(EventIds.ChangesCompacted, LogLevel.Information, "{Count} old changes were removed.", EventName = nameof(EventIds.ChangesCompacted))]
    private static partial void LogRemoved(ILogger logger, long count);

    [LoggerMessage(EventIds.CompactionPostponed, LogLevel.Warning, "Old changes could not be removed; the next round tries again.", EventName = nameof(EventIds.CompactionPostponed))]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
