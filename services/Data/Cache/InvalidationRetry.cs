using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Cache;

/// <summary>Delivers lost invalidations once Redis answers again. All that were lost together are one span.</summary>
internal sealed class InvalidationRetry(LostInvalidations lost, EntryCache cache, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        BackgroundRound? round = null;
        await foreach (var (change, lostAt) in lost.ReadAllAsync(stoppingToken))
        {
            round ??= BackgroundRound.Begin("kvaspire.cache.replay", time);
            while (time.GetElapsedTime(lostAt) < LostInvalidations.Relevance
                && await cache.TellAsync(change) is CacheOutcome.Unavailable)
            {
                await Task.Delay(Pause, time, stoppingToken);
            }

            lost.Settle();
            round.Did("kvaspire.invalidations.replayed", 1);
            if (lost.Pending > 0)
                continue;

            round.Dispose();
            round = null;
        }
    }
}
