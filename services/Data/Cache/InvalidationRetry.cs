namespace KvAspire.Data.Cache;

/// <summary>Delivers lost invalidations once Redis answers again.</summary>
internal sealed class InvalidationRetry(LostInvalidations lost, EntryCache cache, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (change, lostAt) in lost.ReadAllAsync(stoppingToken))
        {
            while (time.GetElapsedTime(lostAt) < LostInvalidations.Relevance
                && await cache.TellAsync(change) is CacheOutcome.Unavailable)
            {
                await Task.Delay(Pause, time, stoppingToken);
            }

            lost.Settle();
        }
    }
}
