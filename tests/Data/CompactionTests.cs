using KvAspire.Data.Revisions;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Compaction, in a database of its own: it goes over all owners.</summary>
public sealed class CompactionTests(World world) : IAsyncLifetime
{
    private static readonly CompactionOptions KeepAll = new() { MaxAge = TimeSpan.FromDays(1), MaxChanges = 1_000_000 };

    private string connectionString = "";
    private NpgsqlDataSource database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        connectionString = await world.NewDatabaseAsync();
        Assert.Equal(0, (await World.MigrateAsync(connectionString)).ExitCode);
        database = NpgsqlDataSource.Create(connectionString);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task What_is_too_many_or_too_old_goes_from_the_oldest_on_and_the_horizon_is_noted()
    {
        // 1. By count, in several batches. Others' revisions lie in between.
        var many = await AddAsync("many", 1_300);
        var few = await AddAsync("few", 10);
        Assert.Equal(1_290, await RunAsync(new() { MaxAge = KeepAll.MaxAge, MaxChanges = 10 }));
        await AssertLogAsync("many", many[^10..], horizon: many[^11]);
        await AssertLogAsync("few", few, horizon: 0);
        Assert.Equal(0, await RunAsync(new() { MaxAge = KeepAll.MaxAge, MaxChanges = 10 }));

        // 2. By age: only where all before it are as old.
        await ExecuteAsync($"UPDATE changes SET at = now() - interval '2 days' WHERE owner = 'few' AND (revision <= {few[3]} OR revision = {few[6]})");
        Assert.Equal(4, await RunAsync(KeepAll));
        await AssertLogAsync("few", few[4..], horizon: few[3]);

        // 3. Everything, by several replicas at once.
        await ExecuteAsync("UPDATE changes SET at = now() - interval '2 days'");
        var removed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(KeepAll)));
        Assert.Equal(16, removed.Sum() + await RunAsync(KeepAll));
        await AssertLogAsync("many", [], horizon: many[^1]);
        await AssertLogAsync("few", [], horizon: few[^1]);
    }

    private Task<long> RunAsync(CompactionOptions options) => new ChangeCompaction(database).RunAsync(options, Cancelled);

    private async Task<long[]> AddAsync(string owner, int count)
    {
        await ChangeWriter.CommitAsync(connectionString, owner, Enumerable.Range(0, count).Select(i => ($"k{i}", (string?)"1")));
        return await RevisionsAsync(owner);
    }

    private async Task AssertLogAsync(string owner, long[] left, long horizon)
    {
        Assert.Equal(left, await RevisionsAsync(owner));
        await using var command = database.CreateCommand("SELECT compacted_revision FROM owners WHERE owner = $1");
        command.Parameters.Add(new() { Value = owner });
        Assert.Equal(horizon, await command.ExecuteScalarAsync(Cancelled));
    }

    private async Task<long[]> RevisionsAsync(string owner)
    {
        await using var command = database.CreateCommand("SELECT array_agg(revision ORDER BY revision) FROM changes WHERE owner = $1");
        command.Parameters.Add(new() { Value = owner });
        return await command.ExecuteScalarAsync(Cancelled) as long[] ?? [];
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var command = database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
