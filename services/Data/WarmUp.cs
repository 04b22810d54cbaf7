using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Redis;
using Npgsql;

namespace KvAspire.Data;

/// <summary>
/// Walks the hot path once before the server listens, so that no request pays for the first connection, the first query
/// and their compilation. What is not reachable yet is left to <c>/health</c>.
/// </summary>
internal sealed partial class WarmUp(EntryStore store, RedisConnection cache, TimeProvider time, ILogger<WarmUp> logger) : IHostedService
{
    private static readonly TimeSpan PatienceForCache = TimeSpan.FromSeconds(1);

    // Nobody's entry: a token without a subject is refused.
    private static readonly EntryId Nothing = new("", "warm-up");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(cache.Connected, Task.Delay(PatienceForCache, time, cancellationToken));
        try
        {
            await store.ReadAsync(Nothing, isPastCache: false, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogCold(logger, exception);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Starting without a warm-up: Postgres does not answer.")]
    private static partial void LogCold(ILogger logger, Exception exception);
}
