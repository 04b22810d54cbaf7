using System.Diagnostics;
using Aspire.Hosting.Testing;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>The commands of the failure lab on Redis, each of them twice.</summary>
[Collection(typeof(LabTests))]
public sealed class CacheCommandTests(LabSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paused_cache_costs_no_request_and_is_used_again_after_resume()
    {
        using var entry = await StoredEntry.NewAsync(system);
        await entry.EventuallyReadFromAsync("hit");

        Assert.Contains("cache is paused.", await system.RunAsync("cache", "pause", Cancel), StringComparison.Ordinal);
        Assert.Contains("cache is paused already", await system.RunAsync("cache", "pause", Cancel), StringComparison.Ordinal);
        await entry.EventuallyReadFromAsync("fwd=bypass");

        Assert.Contains("cache continues", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
        Assert.Contains("cache is not paused", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
        await entry.EventuallyReadFromAsync("hit");
    }

    [Fact]
    public async Task A_pause_ends_by_itself()
    {
        using var entry = await StoredEntry.NewAsync(system);

        await system.RunAsync("cache", "pause", Cancel, ("seconds", "3"));

        await entry.EventuallyReadFromAsync("fwd=bypass");
        await entry.EventuallyReadFromAsync("hit");
        Assert.Contains("cache is not paused", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flush_empties_the_cache()
    {
        using var entry = await StoredEntry.NewAsync(system);
        await entry.EventuallyReadFromAsync("hit");

        Assert.Contains("The cache is empty.", await system.RunAsync("cache", "flush", Cancel), StringComparison.Ordinal);
        using var missed = await entry.Gateway.GetAsync(StoredEntry.Path, Cancel);
        Assert.DoesNotContain("hit", missed.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);

        Assert.Contains("The cache is empty.", await system.RunAsync("cache", "flush", Cancel), StringComparison.Ordinal);
        await entry.EventuallyReadFromAsync("hit");
    }

    [Fact]
    public async Task A_slow_cache_takes_the_given_time_for_a_command_and_recovers_by_itself()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await system.App.GetConnectionStringAsync("cache", Cancel))!);
        var before = await MedianPingAsync(redis, 20);

        Assert.Contains("20 ms longer", await system.RunAsync("cache", "slow", Cancel, ("milliseconds", "20"), ("seconds", "3")), StringComparison.Ordinal);
        Assert.Contains("cache is slow already", await system.RunAsync("cache", "slow", Cancel), StringComparison.Ordinal);
        var slow = await MedianPingAsync(redis, 40);

        Assert.InRange(slow - before, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(60));
        await LabSystem.EventuallyAsync(async () => await MedianPingAsync(redis, 20) < TimeSpan.FromMilliseconds(10), "The cache is still slow.", Cancel);
    }

    private static async Task<TimeSpan> MedianPingAsync(ConnectionMultiplexer redis, int count)
    {
        var times = new List<TimeSpan>();
        for (var ping = 0; ping < count; ping++)
        {
            var began = Stopwatch.GetTimestamp();
            await redis.GetDatabase().PingAsync();
            times.Add(Stopwatch.GetElapsedTime(began));
            await Task.Delay(Random.Shared.Next(10), Cancel);
        }

        return times.Order().ElementAt(count / 2);
    }
}
