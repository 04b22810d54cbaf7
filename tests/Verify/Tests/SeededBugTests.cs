using KvAspire.TestKit;
using KvAspire.Verify.Histories;
using KvAspire.Verify.Linearizability;
using KvAspire.Verify.Workload;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>The same clients and checker on a correct and a faulty store.</summary>
public sealed class SeededBugTests(Servers servers) : IClassFixture<Servers>
{
    private const int Operations = 8_000;
    private const int Seed = 20261124;

    private static readonly string[] Keys = ["register-1", "register-2", "register-3"];

    [Fact]
    public async Task The_checker_finds_a_fill_without_versions()
    {
        var history = await RunAsync(versioned: false);

        Assert.Contains(history.GroupBy(operation => operation.Key), key => Checker.Check(key).Finding is Finding.Violation);
        Assert.All(history.Where(operation => !operation.FromCache).GroupBy(operation => operation.Key), AssertLinearizable);
    }

    [Fact]
    public async Task A_fill_with_versions_passes()
    {
        var history = await RunAsync(versioned: true);

        Assert.True(history.Count >= Operations);
        Assert.Contains(history, operation => operation.FromCache);
        Assert.All(history.GroupBy(operation => operation.Key), AssertLinearizable);
    }

    private static void AssertLinearizable(IEnumerable<Operation> history) =>
        Assert.Equal(Finding.Linearizable, Checker.Check(history).Finding);

    private async Task<List<Operation>> RunAsync(bool versioned)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = NpgsqlDataSource.Create(servers.Database);
        using var redis = await ConnectionMultiplexer.ConnectAsync(servers.Cache);
        await CacheAside.PrepareAsync(database, redis.GetDatabase(), Keys);

        var store = new CacheAside(database, redis.GetDatabase(), versioned);
        var load = new Load([.. Enumerable.Repeat(store, 16)], Keys, Seed) { Registers = true };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(TimeSpan.FromSeconds(30));
        return await load.RunAsync(Operations, enough.Token);
    }
}
