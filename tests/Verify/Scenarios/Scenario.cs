using KvAspire.Verify.Systems;

namespace KvAspire.Verify.Scenarios;

/// <summary>What is done to the system while the clients are at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bound">How long a value from the cache may be out of date in it.</param>
/// <param name="Disturb">Brings faults until told to stop, and leaves the system whole; returns how many.</param>
internal sealed record Scenario(string Name, TimeSpan Bound, Func<LiveSystem, Random, CancellationToken, Task<int>> Disturb)
{
    // By docs/cache.md none of these leaves anything stale, not even the death of a replica: what it was changing is hidden.
    /// <summary>All of them.</summary>
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
                return faults;

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
                system.Signal("cache", Signals.Stop);
                await Task.Delay(random.Next(50, 2500));
                system.Signal("cache", Signals.Continue);
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
