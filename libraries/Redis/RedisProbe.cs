using Microsoft.Extensions.Hosting;

namespace KvAspire.Redis;

/// <summary>
/// Pings Redis after a failed command until it answers. So the circuit also opens where requests are too few to open it, and
/// requests are seldom used as trials to close it.
/// </summary>
internal sealed class RedisProbe(RedisGuard redis, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

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
