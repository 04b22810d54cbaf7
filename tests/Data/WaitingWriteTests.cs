using System.Text;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Writes;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Writes that come while a batch is stored wait, and share the next batch.</summary>
public sealed class WaitingWriteTests(World world) : IAsyncDisposable
{
    // Its own replica: no other test uses its lanes, and statements may take long.
    private readonly DataService replica = new($"{world.Database};Command Timeout=30;Options=-c statement_timeout=30s", world.Cache, world.Issuer);

    private readonly string owner = Guid.NewGuid().ToString("N");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => replica.DisposeAsync();

    [Fact]
    public async Task Waiting_writes_share_a_commit_but_atomic_and_idempotent_ones_run_alone_in_order()
    {
        await using var held = await OwnerLock.TakeAsync(world, owner);
        var requests = new List<Task<WriteResult[]>> { WriteAsync("k", "first", 1) };
        await held.WaitersAsync(1);

        requests.Add(WriteAsync("k", "a", 2));
        requests.Add(WriteAsync("k", "b", 3));
        requests.Add(WriteAsync("k", "wholly", 4, isAtomic: true));
        requests.Add(WriteAsync("k", "c", 5));
        requests.Add(WriteAsync("k", "once", 6, once: new(owner, "once", 0, [1], [2])));
        requests.Add(WriteAsync("k", "d", 7));
        requests.Add(WriteAsync("k", "e", 8));
        await held.DisposeAsync();

        foreach (var (i, results) in (await Task.WhenAll(requests)).Index())
            Assert.Equal([i == 0 ? WriteOutcome.Created : WriteOutcome.Updated, WriteOutcome.Created], results.Select(result => result.Outcome));
        Assert.Equal([["k", "first"], ["k", "a", "b", "k"], ["k", "wholly"], ["k", "c"], ["k", "once"], ["k", "d", "e", "k"]], await CommitsAsync());
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8"], await ValuesAsync("k"));
        await Envelope.AssertBodyAsync(await world.Data.As(owner).GetAsync("/api/data/k"), 200, User.Found("k", "8"), Cancelled);
    }

    // Two operations in one request: one on a key that all requests change, one on its own key.
    private Task<WriteResult[]> WriteAsync(string key, string own, int value, bool isAtomic = false, IdempotencyKey? once = null) =>
        replica.Services.GetRequiredService<WriteLanes>().WriteAsync(new(
            [.. new[] { key, own }.Select(name => new Write(new(owner, name), WriteKind.Put, new(Encoding.UTF8.GetBytes($"{value}"))))],
            new(owner, null), isAtomic, once));

    // The keys that each commit changed, in the order of their revisions.
    private Task<List<string[]>> CommitsAsync() => world.QueryAsync<string[]>(
        "SELECT array_agg(key ORDER BY revision) FROM changes WHERE owner = $1 GROUP BY xmin::text ORDER BY min(revision)", owner);

    private Task<List<string>> ValuesAsync(string key) => world.QueryAsync<string>(
        $"SELECT value FROM changes WHERE owner = $1 AND key = '{key}' ORDER BY revision", owner);
}
