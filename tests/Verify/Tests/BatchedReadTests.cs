using System.Text.Json.Nodes;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>The gateway batches concurrent reads, and each user gets the right entries.</summary>
[Collection(SharedSystem.Name)]
public sealed class BatchedReadTests(SharedSystem shared)
{
    private const int Users = 8, Keys = 50, Readers = 64, Each = 100;

    [Fact]
    public async Task Concurrent_readers_get_their_own_entries_with_fewer_cache_commands_than_reads()
    {
        var doors = await Task.WhenAll(Enumerable.Range(0, Users).Select(_ => shared.NewUserAsync()));
        foreach (var (user, door) in doors.Index())
        {
            for (var key = 0; key < Keys; key++)
                await door.SendAsync(201, HttpMethod.Post, "/api/data", $$"""{"key":"k{{key}}","value":"{{user}} {{key}}"}""");
            await door.SendAsync(404, HttpMethod.Get, "/api/data/none");
        }

        await doors[0].CachedAsync("/api/data/k0");
        using var redis = await ConnectionMultiplexer.ConnectAsync(await shared.System.CacheAsync(TestContext.Current.CancellationToken) + ",allowAdmin=true");
        var before = await BatchesAsync(redis);
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => ReadAsync(reader % Users, doors[reader % Users], new Random(reader))));
        var batches = await BatchesAsync(redis) - before;

        Assert.InRange(batches, 1, Readers * Each / 2);
        Array.ForEach(doors, door => door.Dispose());
    }

    private static async Task ReadAsync(int user, Door door, Random random)
    {
        for (var i = 0; i < Each; i++)
        {
            var key = random.Next(Keys + 1);
            if (key == Keys)
            {
                await door.SendAsync(404, HttpMethod.Get, "/api/data/none");
                continue;
            }

            var (body, _) = await door.SendAsync(200, HttpMethod.Get, $"/api/data/k{key}");
            Assert.Equal(($"k{key}", $"{user} {key}"), (Data(body, "key"), Data(body, "value")));
        }
    }

    private static string Data(string body, string member) => JsonNode.Parse(body)!["data"]![member]!.GetValue<string>();

    private static async Task<long> BatchesAsync(ConnectionMultiplexer redis)
    {
        var commands = await redis.GetServer(redis.GetEndPoints()[0]).InfoAsync("commandstats");
        var mget = commands.SelectMany(section => section).FirstOrDefault(command => command.Key is "cmdstat_mget").Value;
        return mget is null ? 0 : long.Parse(mget.Split(',')[0]["calls=".Length..], null);
    }
}
