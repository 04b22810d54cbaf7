using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using KvAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Sweepers remove what deletions leave in Postgres once no replica can need it.</summary>
public sealed class TombstoneTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweepers_remove_old_tombstones_and_nothing_else()
    {
        foreach (var key in new[] { "fresh", "live", "old", "older" })
            await user.StoreAsync(key, "1");
        await DeleteLongAgoAsync("old");
        await DeleteLongAgoAsync("older");
        await user.DeleteAsync("/api/data/fresh");

        await Task.WhenAll(SweepAsync(world.Data), SweepAsync(world.SecondReplica));
        Assert.Equal(["fresh", "live"], await KeysAsync());
    }

    [Fact]
    public async Task Sweepers_skip_rows_that_another_has_locked()
    {
        foreach (var key in new[] { "locked", "old" })
        {
            await user.StoreAsync(key, "1");
            await DeleteLongAgoAsync(key);
        }

        await using (var connection = new NpgsqlConnection(world.Database))
        {
            await connection.OpenAsync(Cancelled);
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            await using var command = new NpgsqlCommand("SELECT FROM entries WHERE owner = $1 AND key = 'locked' FOR UPDATE", connection);
            command.Parameters.Add(new() { Value = user.Subject });
            await command.ExecuteNonQueryAsync(Cancelled);

            await SweepAsync(world.Data);
            Assert.Equal(["locked"], await KeysAsync());
        }

        await SweepAsync(world.Data);
        Assert.Empty(await KeysAsync());
    }

    [Theory]
    [InlineData("PUT", "/api/data/k?upsert=true", "{\"value\":\"new\"}", null, 201, true)]
    [InlineData("PUT", "/api/data/k?upsert=true", "{\"value\":\"new\"}", null, 201, false)]
    [InlineData("PUT", "/api/data/k?upsert=true", "{\"value\":\"new\"}", "once", 201, true)]
    [InlineData("POST", "/api/txn", "{\"operations\":[{\"op\":\"create\",\"key\":\"k\",\"value\":\"new\"}]}", null, 200, true)]
    public async Task A_write_during_the_sweep_of_its_tombstone_is_stored_once(string method, string target, string body, string? once, int status, bool isSwept)
    {
        await user.StoreAsync("stays", "1");
        await user.StoreAsync("k", "\"a longer value\"");
        await DeleteLongAgoAsync("k");

        await using var sweeper = new NpgsqlConnection(world.Database);
        await sweeper.OpenAsync(Cancelled);
        await using var sweep = await sweeper.BeginTransactionAsync(Cancelled);
        await using var command = new NpgsqlCommand("DELETE FROM entries WHERE owner = $1 AND key = 'k'", sweeper) { Parameters = { new() { Value = user.Subject } } };
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancelled));

        (string, string)[] headers = once is null ? [] : [("Idempotency-Key", once)];
        var written = user.SendAsync(new(method), target, User.Json(body), headers);
        await UntilOneWaitsForAsync(sweeper.ProcessID);
        await (isSwept ? sweep.CommitAsync(Cancelled) : sweep.RollbackAsync(Cancelled));

        Assert.Equal(status, (int)(await written).StatusCode);
        foreach (var reader in new[] { user, world.SecondReplica.As(user.Subject), world.WithoutCache.As(user.Subject) })
            await Envelope.AssertBodyAsync(await reader.GetAsync("/api/data/k"), 200, User.Found("k", "\"new\""), Cancelled);
        Assert.Equal(["stays 1", "k 1", "k 2", "k 1"], await TextsAsync("SELECT key || ' ' || kind FROM changes WHERE owner = $1 ORDER BY revision"));
        Assert.Equal(["2 12"], await TextsAsync("SELECT keys || ' ' || bytes FROM owners WHERE owner = $1")); // "stays", 1, "k" and "new" in quotes
        Assert.Equal(["k 6", "stays 6"], await TextsAsync("SELECT key || ' ' || size FROM entries WHERE owner = $1 AND deleted_at IS NULL ORDER BY key"));
    }

    private async Task UntilOneWaitsForAsync(int process)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await world.QueryAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", process) is [1])
                return;
            await Task.Delay(10, Cancelled);
        }

        Assert.Fail("No writer waits for the sweeper.");
    }

    private Task<List<string>> TextsAsync(string query) => world.QueryAsync<string>(query, user.Subject);

    private async Task DeleteLongAgoAsync(string key)
    {
        await user.DeleteAsync($"/api/data/{key}");
        await world.ExecuteAsync(
            $"UPDATE entries SET deleted_at = deleted_at - interval '2 hours' WHERE owner = '{user.Subject}' AND key = '{key}'");
    }

    private static Task<int> SweepAsync(DataService replica) =>
        replica.Services.GetRequiredService<EntryTable>().SweepAsync(TombstoneSweeper.Age, 1000, Cancelled);

    private async Task<List<string>> KeysAsync()
    {
        await using var scope = world.Data.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<DataDb>().Entries
            .Where(entry => entry.Owner == user.Subject).OrderBy(entry => entry.Key).Select(entry => entry.Key).ToListAsync(Cancelled);
    }
}
