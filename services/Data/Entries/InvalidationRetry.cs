namespace KvAspire.Data.Entries;

/// <summary>Delivers lost invalidations once the cache answers again.</summary>
internal sealed class InvalidationRetry(LostInvalidations lost, EntryCache cache, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var invalidation in lost.ReadAllAsync(stoppingToken))
        {
            while (time.GetElapsedTime(invalidation.LostAt) < LostInvalidations.Relevance
                && await cache.SetAsync(invalidation.Id, invalidation.Image) is CacheOutcome.Unavailable)
            {
                await Task.Delay(Pause, time, stoppingToken);
            }

            lost.Settle();
        }
    }
}
