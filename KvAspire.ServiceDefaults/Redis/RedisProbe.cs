using Microsoft.Extensions.Hosting;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>
/// After a failure, asks Redis whether it is back until it is: so the circuit opens also where requests are too few to
/// open it, and hardly one of them is spent on trying whether it can close.
/// </summary>
internal sealed class RedisProbe(RedisGuard redis, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await redis.FailureAsync(stoppingToken);
            while (!(await redis.TryAsync(static (database, _) => database.PingAsync(), 0)).Answered)
                await Task.Delay(Pause, time, stoppingToken);
        }
    }
}
