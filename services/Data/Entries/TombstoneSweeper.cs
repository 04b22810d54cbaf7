using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Entries;

/// <summary>Reclaims the space of expired entries, old tombstones and old idempotency keys, on all replicas.</summary>
internal sealed partial class TombstoneSweeper(EntryTable table, TimeProvider time, ILogger<TombstoneSweeper> logger) : BackgroundService
{
    /// <summary>
    /// The age at which a tombstone is removed: much longer than a statement may run or an image may live, so that no reader
    /// still holds an older revision of the key.
    /// </summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(1);

    // Small enough to hold its locks for milliseconds.
    private const int BatchSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

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
            while (await table.SweepIdempotencyAsync(BatchSize, stoppingToken) == BatchSize)
                await Task.Yield();
        }
        catch (DbException exception)
        {
            LogPostponed(logger, exception);
        }
    }

    [LoggerMessage(EventIds.SweepPostponed, LogLevel.Warning, "Expired entries and old rows could not be removed; the next round tries again.")]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
