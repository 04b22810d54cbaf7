using System.Data.Common;

namespace KvAspire.Data.Entries;

/// <summary>Reclaims what expired entries, old tombstones and old idempotency keys take in Postgres. Any number of replicas may do so at once.</summary>
internal sealed partial class TombstoneSweeper(EntryTable table, TimeProvider time, ILogger<TombstoneSweeper> logger) : BackgroundService
{
    /// <summary>
    /// How long a tombstone stays: much longer than a statement may run or an image live, so that whoever still holds an
    /// older revision of the key is long gone.
    /// </summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(1);

    // Small enough to hold its locks for milliseconds.
    private const int BatchSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await SweepAsync(stoppingToken);
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await table.ExpireAsync(BatchSize, stoppingToken) >= BatchSize)
                await Task.Yield();
            while (await table.SweepAsync(Age, BatchSize, stoppingToken) == BatchSize)
                await Task.Yield();
            while (await table.SweepOnceAsync(BatchSize, stoppingToken) == BatchSize)
                await Task.Yield();
        }
        catch (DbException exception)
        {
            LogPostponed(logger, exception);
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "What is no longer needed could not be removed; the next round tries again.")]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
