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
        using var round = BackgroundRound.Begin("kvaspire.entries.sweep", time);
        try
        {
            await RepeatAsync("kvaspire.entries.expired", () => table.ExpireAsync(BatchSize, stoppingToken), round);
            await RepeatAsync("kvaspire.tombstones.removed", async () => await table.SweepAsync(Age, BatchSize, stoppingToken), round);
            await RepeatAsync("kvaspire.idempotency_keys.removed", async () => await table.SweepIdempotencyAsync(BatchSize, stoppingToken), round);
        }
        catch (DbException exception)
        {
            LogPostponed(logger, exception);
        }
    }

    private static async Task RepeatAsync(string what, Func<Task<long>> batch, BackgroundRound round)
    {
        for (var count = (long)BatchSize; count >= BatchSize; await Task.Yield())
        {
            count = await batch();
            round.Did(what, count);
        }
    }

    [LoggerMessage(EventIds.SweepPostponed, LogLevel.Warning, "Expired entries and old rows could not be removed; the next round tries again.", EventName = nameof(EventIds.SweepPostponed))]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
