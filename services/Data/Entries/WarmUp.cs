using KvAspire.Redis;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Entries;

/// <summary>
/// Reads once through the hot path before the server listens, so that no request pays for the first connection, the first query
/// and JIT compilation. If a dependency is down, <c>/health</c> reports it.
/// </summary>
internal sealed partial class WarmUp(EntryStore store, RedisConnection cache, TimeProvider time, ILogger<WarmUp> logger) : IHostedService
{
    private static readonly TimeSpan PatienceForCache = TimeSpan.FromSeconds(1);

    // An entry that no client can have: a token needs a subject.
    private static readonly EntryId Nothing = new("", "warm-up");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(cache.Connected, Task.Delay(PatienceForCache, time, cancellationToken));
        using var untraced = BackgroundRound.Begin("kvaspire.warm_up", time);
        try
        {
            await store.ReadAsync(Nothing, isPastCache: false, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogCold(logger, exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventIds.WarmUpSkipped, LogLevel.Warning, "Starting without a warm-up: Postgres does not answer.", EventName = nameof(EventIds.WarmUpSkipped))]
    private static partial void LogCold(ILogger logger, Exception exception);
}
