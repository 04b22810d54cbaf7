using System.Text;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Writes;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What comes while a batch is stored waits, and is stored with whatever waits as well.</summary>
public sealed class WaitingWriteTests(World world) : IAsyncDisposable
{
    // A statement of these waits for as long as a test holds it up.
    private readonly DataService replica = new($"{world.Database};Command Timeout=30;Options=-c statement_timeout=30s", world.Cache, world.Issuer);

    private User user = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private User OnOtherReplica => world.Data.As(user.Subject);

    public ValueTask DisposeAsync() => replica.DisposeAsync();

    [Fact]
    public async Task What_waits_shares_a_commit_and_what_is_done_wholly_or_once_does_not_and_keeps_its_place()
    {
        user = replica.NewUser();
        await using var obstacle = await HoldUpAsync();
        var requests = new List<Task<WriteResult[]>> { WriteAsync("k", "first", 1) };
        await UntilWaitingAsync(1);

        requests.Add(WriteAsync("k", "a", 2));
        requests.Add(WriteAsync("k", "b", 3));
        requests.Add(WriteAsync("k", "wholly", 4, isAtomic: true));
        requests.Add(WriteAsync("k", "c", 5));
        requests.Add(WriteAsync("k", "once", 6, once: new(user.Subject, "once", 0, [1])));
        requests.Add(WriteAsync("k", "d", 7));
        requests.Add(WriteAsync("k", "e", 8));
        await obstacle.DisposeAsync();

        foreach (var (i, results) in (await Task.WhenAll(requests)).Index())
            Assert.Equal([i == 0 ? WriteOutcome.Created : WriteOutcome.Updated, WriteOutcome.Created], results.Select(result => result.Outcome));
        Assert.Equal([["k", "first"], ["k", "a", "b", "k"], ["k", "wholly"], ["k", "c"], ["k", "once"], ["k", "d", "e", "k"]], await CommitsAsync());
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8"], await ValuesAsync("k"));
        await Envelope.AssertBodyAsync(await OnOtherReplica.GetAsync("/api/data/k"), 200, User.Found("k", "8"), Cancelled);
    }

    // Two operations in one request: one on a key that others change as well, one on a key of its own.
    private Task<WriteResult[]> WriteAsync(string key, string own, int value, bool isAtomic = false, OnceKey? once = null) =>
        replica.Services.GetRequiredService<WritePipeline>().WriteAsync(new(
            [.. new[] { key, own }.Select(name => new Write(new(user.Subject, name), WriteKind.Put, new(Encoding.UTF8.GetBytes($"{value}"))))],
            new(user.Subject, null), isAtomic, once));

    // Holds the lock that each write of the owner needs, until it is disposed of.
    private async Task<NpgsqlConnection> HoldUpAsync()
    {
        var connection = new NpgsqlConnection($"{world.Database};Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(27510, $1)", connection) { Parameters = { new() { Value = WriteBatch.StripeOf(user.Subject) } } };
        await command.ExecuteNonQueryAsync(Cancelled);
        return connection;
    }

    private async Task UntilWaitingAsync(int count)
    {
        for (var attempt = 0; attempt < 500; attempt++)
        {
            var waiting = await QueryAsync<long>(
                $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 27510 AND objid = {WriteBatch.StripeOf(user.Subject)} AND NOT granted AND $1 <> ''");
            if (waiting[0] >= count)
                return;
            await Task.Delay(10, Cancelled);
        }

        Assert.Fail($"There are no {count} waiting for the lock.");
    }

    // The keys that each commit has changed, in the order of their revisions.
    private Task<List<string[]>> CommitsAsync() => QueryAsync<string[]>(
        "SELECT array_agg(key ORDER BY revision) FROM changes WHERE owner = $1 GROUP BY xmin::text ORDER BY min(revision)");

    private Task<List<string>> ValuesAsync(string key) => QueryAsync<string>(
        $"SELECT value FROM changes WHERE owner = $1 AND key = '{key}' ORDER BY revision");

    private async Task<List<T>> QueryAsync<T>(string query)
    {
        await using var database = NpgsqlDataSource.Create(world.Database);
        await using var command = database.CreateCommand(query);
        command.Parameters.AddWithValue(user.Subject);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var rows = new List<T>();
        while (await reader.ReadAsync(Cancelled))
            rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }
}
