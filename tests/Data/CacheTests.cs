using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The cache: what it serves, and that it is coherent across replicas.</summary>
public sealed class CacheTests(World world)
{
    private const string Hit = "kvaspire; hit";

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private User OnSecondReplica => world.SecondReplica.As(user.Subject);

    [Fact]
    public async Task An_entry_that_was_read_is_cached_for_every_replica()
    {
        await user.StoreAsync("k", "1");
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await redis.EvictAsync(user.Subject);

        await AssertReadAsync(await user.GetAsync("/api/data/k"), "kvaspire; fwd=miss; stored", "1");
        foreach (var reader in new[] { user, OnSecondReplica })
            await AssertReadAsync(await reader.GetAsync("/api/data/k"), Hit, "1");
    }

    [Fact]
    public async Task An_entry_that_was_written_is_cached_for_every_replica()
    {
        await user.StoreAsync("k", "1");
        foreach (var reader in new[] { user, OnSecondReplica })
            await AssertReadAsync(await reader.GetAsync("/api/data/k"), Hit, "1");
    }

    [Fact]
    public async Task An_evicted_entry_is_read_from_Postgres_once()
    {
        await user.StoreAsync("k", "1");
        await user.GetAsync("/api/data/k");
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        Assert.Equal(1, await redis.EvictAsync(user.Subject));

        await AssertReadAsync(await user.GetAsync("/api/data/k"), "kvaspire; fwd=miss; stored", "1");
        await AssertReadAsync(await OnSecondReplica.GetAsync("/api/data/k"), Hit, "1");
    }

    [Fact]
    public async Task A_missing_key_is_cached_until_it_is_created()
    {
        foreach (var expected in new[] { "kvaspire; fwd=miss; stored", Hit })
        {
            var response = await user.GetAsync("/api/data/none");
            Assert.Equal(404, (int)response.StatusCode);
            Assert.Equal(expected, CacheStatus(response));
        }

        await OnSecondReplica.StoreAsync("none", "1");
        var found = await user.GetAsync("/api/data/none");
        await Envelope.AssertBodyAsync(found, 200, User.Found("none", "1"), Cancelled);
        Assert.Equal(Hit, CacheStatus(found));
    }

    [Fact]
    public async Task A_thousand_readers_of_a_cold_key_cost_one_query()
    {
        await user.StoreAsync("cold", "1");
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await redis.EvictAsync(user.Subject);
        await using DataService one = world.NewReplica(), other = world.NewReplica();
        using var loads = new LoadCounter(one, other);
        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i =>
            (i % 2 == 0 ? one : other).As(user.Subject).GetAsync("/api/data/cold")));

        Assert.All(responses, response => Assert.Equal(200, (int)response.StatusCode));
        Assert.Equal(1, loads.Count);
    }

    [Fact]
    public async Task No_cache_reads_past_the_cache()
    {
        await user.StoreAsync("k", "1");
        await user.GetAsync("/api/data/k");
        await AssertReadAsync(await user.SendAsync(HttpMethod.Get, "/api/data/k", null, ("Cache-Control", "no-cache")), "kvaspire; fwd=request", "1");
        await AssertReadAsync(await user.GetAsync("/api/data/k"), Hit, "1");
    }

    [Fact]
    public async Task A_deletion_is_cached()
    {
        await user.StoreAsync("k", "1");
        await user.GetAsync("/api/data/k");
        await user.DeleteAsync("/api/data/k");

        var response = await OnSecondReplica.GetAsync("/api/data/k");
        Assert.Equal(Hit, CacheStatus(response));
        await Envelope.AssertErrorAsync(
            response, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);
    }

    [Fact]
    public async Task Without_Redis_reads_bypass_the_cache()
    {
        await user.StoreAsync("k", "1");

        await AssertReadAsync(await world.WithoutCache.As(user.Subject).GetAsync("/api/data/k"), "kvaspire; fwd=bypass", "1");
    }

    [Fact]
    public async Task A_large_value_is_coherent_although_it_is_not_cached()
    {
        var (small, large, larger) = ("1", $"\"{new string('x', 100_000)}\"", $"\"{new string('y', 200_000)}\"");
        await user.StoreAsync("k", small);
        await user.GetAsync("/api/data/k");
        foreach (var value in new[] { large, larger })
        {
            await OnSecondReplica.PutAsync("/api/data/k", $$"""{"value":{{value}}}""");
            await AssertReadAsync(await user.GetAsync("/api/data/k"), "kvaspire; fwd=miss", value);
        }

        await OnSecondReplica.PutAsync("/api/data/k", $$"""{"value":{{small}}}""");
        await AssertReadAsync(await user.GetAsync("/api/data/k"), Hit, small);
    }

    [Fact]
    public async Task A_change_on_one_replica_is_seen_by_the_next_read_on_the_other()
    {
        await user.StoreAsync("k", "-1");
        await user.GetAsync("/api/data/k");
        for (var i = 0; i < 50; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (user, OnSecondReplica) : (OnSecondReplica, user);

            Assert.Equal(200, (int)(await writer.PutAsync("/api/data/k", $$"""{"value":{{i}}}""")).StatusCode);
            await AssertReadAsync(await reader.GetAsync("/api/data/k"), Hit, $"{i}");

            Assert.Equal(200, (int)(await writer.DeleteAsync("/api/data/k")).StatusCode);
            Assert.Equal(404, (int)(await reader.GetAsync("/api/data/k")).StatusCode);
            await writer.StoreAsync("k", "\"again\"");
            await AssertReadAsync(await reader.GetAsync("/api/data/k"), Hit, "\"again\"");
        }
    }

    [Fact]
    public async Task Images_expire_within_a_minute()
    {
        await user.StoreAsync("k", "1");
        await user.GetAsync("/api/data/k");
        await user.GetAsync("/api/data/none");

        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        var left = await redis.TimesToLiveAsync(user.Subject);
        Assert.Equal(2, left.Length);
        Assert.All(left, time => Assert.InRange(time!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Images_that_were_filled_together_do_not_expire_together()
    {
        for (var i = 0; i < 40; i++)
            await user.StoreAsync($"k{i}", "1");

        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        var left = await redis.TimesToLiveAsync(user.Subject);
        Assert.Equal(40, left.Length);
        Assert.True(left.Max() - left.Min() > TimeSpan.FromSeconds(10), $"from {left.Min()} to {left.Max()}");
    }

    private static string CacheStatus(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("Cache-Status"));

    private static async Task AssertReadAsync(HttpResponseMessage response, string cacheStatus, string value)
    {
        await Envelope.AssertBodyAsync(response, 200, User.Found("k", value), Cancelled);
        Assert.Equal(cacheStatus, CacheStatus(response));
    }
}
