using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What deletions leave in Postgres goes when nobody can need it any more.</summary>
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
    public async Task Sweepers_pass_by_what_another_has_locked()
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
