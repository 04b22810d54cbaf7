using System.Globalization;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>The Redis under test, without the service.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly ConnectionMultiplexer connection;

    private RedisServer(ConnectionMultiplexer connection) => this.connection = connection;

    public static async Task<RedisServer> ConnectAsync(string connectionString) =>
        new(await ConnectionMultiplexer.ConnectAsync($"{connectionString},allowAdmin=true"));

    /// <summary>Finds the keys that contain a text.</summary>
    public RedisKey[] KeysWith(string text) =>
        [.. connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: $"*{text}*", pageSize: 1000)];

    /// <summary>Returns the remaining lifetime of a user's images.</summary>
    public async Task<TimeSpan?[]> TimesToLiveAsync(string user) =>
        await Task.WhenAll(KeysWith(user).Select(key => connection.GetDatabase().KeyTimeToLiveAsync(key)));

    /// <summary>Evicts the images of a user, as Redis may at any time.</summary>
    public Task<long> EvictAsync(string user) => connection.GetDatabase().KeyDeleteAsync(KeysWith(user));

    /// <summary>Makes a writer's veil older than it is.</summary>
    public async Task AgeAsync(string user, string token, TimeSpan time)
    {
        var key = Assert.Single(KeysWith(user));
        var veil = (string)(await connection.GetDatabase().StringGetAsync(key))!;
        var at = veil.IndexOf(token, StringComparison.Ordinal) + token.Length;
        var moment = long.Parse(veil.AsSpan(at, 13), CultureInfo.InvariantCulture) - (long)time.TotalMilliseconds;
        await connection.GetDatabase().StringSetRangeAsync(key, at, $"{moment}");
    }

    /// <summary>Makes Redis accept commands without answering.</summary>
    public Task HangAsync(TimeSpan time) =>
        connection.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", (long)time.TotalMilliseconds, "ALL");

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
