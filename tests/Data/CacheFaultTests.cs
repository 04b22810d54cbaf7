using System.Diagnostics;
using KvAspire.Data.Cache;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>If Redis hangs or is gone, no request fails or waits for it. The service uses Redis again when it is back.</summary>
public sealed class CacheFaultTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private const string Hit = "kvaspire; hit";

    // How long a request without a deadline would wait for Redis.
    private static readonly TimeSpan UntilTheClientGivesUp = TimeSpan.FromSeconds(5);

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_load_every_request_succeeds_while_Redis_hangs()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await AssertHitsReturnAsync();

        using var load = new Load(world.Data, clients: 8);
        await load.UntilAsync(requests: 200);
        await redis.HangAsync(TimeSpan.FromSeconds(3));
        await Task.Delay(TimeSpan.FromSeconds(4), Cancelled);
        var slowest = await load.StopAsync();

        Assert.InRange(slowest, TimeSpan.Zero, UntilTheClientGivesUp);
        await AssertHitsReturnAsync();
    }

    [Fact]
    public async Task Under_load_every_request_succeeds_while_Redis_is_gone()
    {
        await AssertHitsReturnAsync();

        using var load = new Load(world.Data, clients: 8);
        await load.UntilAsync(requests: 200);
        await world.ExecuteAsync("cache", "stop");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2), Cancelled);
            await DegradedAsync();
        }
        finally
        {
            await world.ExecuteAsync("cache", "start");
        }

        await AssertHitsReturnAsync();
        var slowest = await load.StopAsync();

        Assert.InRange(slowest, TimeSpan.Zero, UntilTheClientGivesUp);
    }

    [Fact]
    public async Task Changes_made_while_Redis_hung_are_not_read_stale_later()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await AssertHitsReturnAsync();
        foreach (var key in new[] { "changed", "deleted" })
            await user.StoreAsync(key, "1");

        await redis.HangAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(200, (int)(await user.PutAsync("/api/data/changed", """{"value":2}""")).StatusCode);
        Assert.Equal(200, (int)(await user.DeleteAsync("/api/data/deleted")).StatusCode);

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(5))
        {
            await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/changed"), 200, User.Found("changed", "2"), Cancelled);
            Assert.Equal(404, (int)(await user.GetAsync("/api/data/deleted")).StatusCode);
        }

        await AssertHitsReturnAsync();
    }

    [Fact]
    public async Task An_erasure_goes_on_where_Redis_paused()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await AssertHitsReturnAsync();
        await user.StoreAsync("k", "1");
        Assert.Single(redis.KeysWith(user.Subject));

        await redis.HangAsync(TimeSpan.FromSeconds(0.7));
        Assert.True(await world.Data.Services.GetRequiredService<CacheErasure>().RemoveAsync(user.Subject));
        Assert.Empty(redis.KeysWith(user.Subject));
    }

    [Fact]
    public async Task A_single_user_is_not_delayed_either()
    {
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await AssertHitsReturnAsync();
        await user.StoreAsync("k", "1");

        await redis.HangAsync(TimeSpan.FromSeconds(4));
        await Task.WhenAny(user.GetAsync("/api/data/k"), Task.Delay(TimeSpan.FromSeconds(1), Cancelled));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
            await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", "1"), Cancelled);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(0.9)); // ten deadlines would be a second
    }

    // On a machine that is busy with other tests, a check of Postgres may take too long for once.
    private async Task DegradedAsync()
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(300, Cancelled))
        {
            var health = await HealthAnswer.ReadAsync(await world.Data.WithToken(null).GetAsync("/health"), Cancelled);
            if (health.Ailing.SequenceEqual(["cache"]))
            {
                Assert.Equal(("degraded", 200), (health.Status, health.StatusCode));
                return;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"Not healthy: {string.Join(", ", health.Ailing)}");
        }
    }

    private async Task AssertHitsReturnAsync()
    {
        var other = world.Data.NewUser();
        await other.StoreAsync("k", "1");
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var response = await other.GetAsync("/api/data/k");
            await Envelope.AssertBodyAsync(response, 200, User.Found("k", "1"), Cancelled);
            if (Assert.Single(response.Headers.GetValues("Cache-Status")) == Hit)
                return;

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "the cache is not used again");
            await Task.Delay(50, Cancelled);
        }
    }
}
