using KvAspire.TestKit;
using KvAspire.Verify.Systems;

namespace KvAspire.Verify.Scenarios;

/// <summary>The faults during a run.</summary>
/// <param name="Name">The name.</param>
/// <param name="Bound">The maximum staleness of a value from the cache.</param>
/// <param name="Disturb">Causes faults until cancelled, then repairs the system. Returns the number of faults.</param>
internal sealed record Scenario(string Name, TimeSpan Bound, Func<LiveSystem, Random, CancellationToken, Task<int>> Disturb)
{
    // By docs/explanations/cache.md no fault leaves stale values. Not even the death of a replica: the entries that it was changing are
    // veiled.
    /// <summary>All scenarios.</summary>
    public static readonly Scenario[] All =
    [
        new("calm", TimeSpan.Zero, CalmAsync),
        new("redis", TimeSpan.Zero, (system, random, stop) => RepeatAsync(1500, HurtRedisAsync, system, random, stop)),
        new("replica", TimeSpan.Zero, (system, random, stop) => RepeatAsync(2000, KillReplicaAsync, system, random, stop)),
        new("postgres", TimeSpan.Zero, (system, random, stop) => RepeatAsync(4000, RestartPostgresAsync, system, random, stop)),
    ];

    private static async Task<int> CalmAsync(LiveSystem system, Random random, CancellationToken stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task<int> RepeatAsync(
        int pause, Func<LiveSystem, Random, Task> hurt, LiveSystem system, Random random, CancellationToken stop)
    {
        for (var faults = 0; ; faults++)
        {
            await Task.Delay(random.Next(pause / 4, pause), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                await system.SettleAsync(CancellationToken.None);
                return faults;
            }

            await hurt(system, random);
        }
    }

    private static async Task HurtRedisAsync(LiveSystem system, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                await system.KillAsync("cache", CancellationToken.None);
                await Task.Delay(random.Next(1000));
                await system.StartAsync("cache", CancellationToken.None);
                break;
            case 1 or 2:
                await system.SignalAsync("cache", ResourceProcesses.Stop, CancellationToken.None);
                await Task.Delay(random.Next(50, 2500));
                await system.SignalAsync("cache", ResourceProcesses.Continue, CancellationToken.None);
                break;
            case 3:
                await system.FlushAsync(CancellationToken.None);
                break;
            default:
                await system.RestartAsync("cache", CancellationToken.None);
                break;
        }
    }

    private static async Task KillReplicaAsync(LiveSystem system, Random random)
    {
        var replica = LiveSystem.Replicas[random.Next(LiveSystem.Replicas.Length)];
        await system.KillAsync(replica, CancellationToken.None);
        await Task.Delay(random.Next(500));
        await system.StartAsync(replica, CancellationToken.None);
    }

    private static async Task RestartPostgresAsync(LiveSystem system, Random random)
    {
        if (random.Next(2) == 0)
        {
            await system.RestartAsync("postgres", CancellationToken.None);
            return;
        }

        await system.KillAsync("postgres", CancellationToken.None);
        await system.StartAsync("postgres", CancellationToken.None);
    }
}
