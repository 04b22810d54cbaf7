using System.Globalization;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The Redis under test, past the service.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly ConnectionMultiplexer connection;

    private RedisServer(ConnectionMultiplexer connection) => this.connection = connection;

    public static async Task<RedisServer> ConnectAsync(string connectionString) =>
        new(await ConnectionMultiplexer.ConnectAsync(connectionString));

    /// <summary>The keys that contain a text.</summary>
    public RedisKey[] KeysWith(string text) =>
        [.. connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: $"*{text}*", pageSize: 1000)];

    /// <summary>How long what a user has in the cache will stay there.</summary>
    public async Task<TimeSpan?[]> TimesToLiveAsync(string user) =>
        await Task.WhenAll(KeysWith(user).Select(key => connection.GetDatabase().KeyTimeToLiveAsync(key)));

    /// <summary>Forgets what a user has in the cache, as Redis may at any time.</summary>
    public Task<long> EvictAsync(string user) => connection.GetDatabase().KeyDeleteAsync(KeysWith(user));

    /// <summary>Lets a writer's veil of what a user has be older than it is.</summary>
    public async Task AgeAsync(string user, string token, TimeSpan time)
    {
        var key = Assert.Single(KeysWith(user));
        var veil = (string)(await connection.GetDatabase().StringGetAsync(key))!;
        var at = veil.IndexOf(token, StringComparison.Ordinal) + token.Length;
        var moment = long.Parse(veil.AsSpan(at, 13), CultureInfo.InvariantCulture) - (long)time.TotalMilliseconds;
        await connection.GetDatabase().StringSetRangeAsync(key, at, $"{moment}");
    }

    /// <summary>Makes Redis accept commands and answer none.</summary>
    public Task HangAsync(TimeSpan time) =>
        connection.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", (long)time.TotalMilliseconds, "ALL");

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
