using System.Net;
using KvAspire.Data.Changes.Compaction;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Compaction. It has its own database, because it processes all owners.</summary>
public sealed class CompactionTests(World world) : IAsyncLifetime
{
    private static readonly CompactionOptions KeepAll = new() { MaxAge = TimeSpan.FromDays(1), MaxChanges = 1_000_000 };

    private string connectionString = "";
    private NpgsqlDataSource database = null!, ofTheService = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        connectionString = await world.NewDatabaseAsync();
        Assert.Equal(0, (await World.MigrateAsync(World.Roles.Migrator(connectionString))).ExitCode);
        (database, ofTheService) = (NpgsqlDataSource.Create(connectionString), NpgsqlDataSource.Create(World.Roles.Service(connectionString)));
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await ofTheService.DisposeAsync();
    }

    [Fact]
    public async Task Excess_and_old_changes_are_removed_oldest_first_and_the_horizon_is_stored()
    {
        // 1. By count, in several batches. Revisions of other owners lie in between.
        var many = await AddAsync("many", 1_300);
        var few = await AddAsync("few", 10);
        Assert.Equal(1_290, await RunAsync(new() { MaxAge = KeepAll.MaxAge, MaxChanges = 10 }));
        await AssertLogAsync("many", many[^10..], horizon: many[^11]);
        await AssertLogAsync("few", few, horizon: 0);
        Assert.Equal(0, await RunAsync(new() { MaxAge = KeepAll.MaxAge, MaxChanges = 10 }));

        // 2. By age: only if all earlier changes are as old.
        await ExecuteAsync($"UPDATE changes SET at = now() - interval '2 days' WHERE owner = 'few' AND (revision <= {few[3]} OR revision = {few[6]})");
        Assert.Equal(4, await RunAsync(KeepAll));
        await AssertLogAsync("few", few[4..], horizon: few[3]);

        // 3. All changes, by several replicas at once.
        await ExecuteAsync("UPDATE changes SET at = now() - interval '2 days'");
        var removed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(KeepAll)));
        Assert.Equal(16, removed.Sum() + await RunAsync(KeepAll));
        await AssertLogAsync("many", [], horizon: many[^1]);
        await AssertLogAsync("few", [], horizon: few[^1]);
    }

    [Fact]
    public async Task A_batch_of_compaction_does_not_read_the_log_from_its_beginning()
    {
        // One connection, so that one server process has the statistics of all reads.
        const int Changes = 20_000, Kept = 100;
        await using var single = NpgsqlDataSource.Create($"{connectionString};Maximum Pool Size=1");
        await ExecuteAsync(single,
            $"""
            INSERT INTO changes (owner, revision, key, kind, value, at) SELECT 'long', n, 'k' || n, 1, '1', now() FROM generate_series(1, {Changes}) n;
            INSERT INTO owners (owner, last_revision) VALUES ('long', {Changes})
            """);

        // While a reader holds a snapshot, no vacuum reclaims removed rows: a scan from the beginning would pass them each time.
        await using var reader = await database.OpenConnectionAsync(Cancelled);
        await using var reading = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancelled);
        await using var first = new NpgsqlCommand("SELECT 1", reader, reading);
        await first.ExecuteScalarAsync(Cancelled);

        var before = await ReadSoFarAsync(single);
        Assert.Equal(Changes - Kept, await new ChangeCompaction(single).RunAsync(new() { MaxAge = KeepAll.MaxAge, MaxChanges = Kept }, Cancelled) is { } round ? round.Removed : -1);
        var after = await ReadSoFarAsync(single);

        Assert.Equal(before.Scans, after.Scans);
        Assert.InRange(after.Entries - before.Entries, Changes - Kept, 2 * Changes);
        await AssertLogAsync("long", [.. Enumerable.Range(Changes - Kept + 1, Kept)], horizon: Changes - Kept);
    }

    // The number of sequential scans of the log, and of index entries that were read.
    private static async Task<(long Scans, long Entries)> ReadSoFarAsync(NpgsqlDataSource database)
    {
        await ExecuteAsync(database, "SELECT pg_stat_force_next_flush()");
        await using var command = database.CreateCommand(
            """
            SELECT seq_scan, (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'changes')
            FROM pg_stat_user_tables WHERE relname = 'changes'
            """);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await reader.ReadAsync(Cancelled));
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task<long> RunAsync(CompactionOptions options) =>
        await new ChangeCompaction(ofTheService).RunAsync(options, Cancelled) is { } round ? round.Removed : 0;

    [Fact]
    public async Task The_operator_compacts_now_with_the_secret_and_nobody_else_does()
    {
        const string Secret = "tests-only-operator-secret";
        var many = await AddAsync("operated", 10);
        await using var service = new DataService(connectionString, world.Cache, world.Issuer, settings: ("Operator:Secret", Secret));
        DataService.Witness.Mind(Secret);
        using var client = new HttpClient { BaseAddress = new Uri(service.Address) };
        client.DefaultRequestHeaders.Add(TestIssuer.ServiceSecretHeader, TestIssuer.ServiceSecret);

        foreach (var secret in new[] { "wrong", Secret + "x", world.Issuer.Issue("operated", "kv:admin kv:internal") })
            Assert.Equal(HttpStatusCode.Unauthorized, (await CompactAsync(secret, "?keep=3")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await CompactAsync(Secret, "?keep=0")).StatusCode);
        await AssertLogAsync("operated", many, horizon: 0);

        await Envelope.AssertBodyAsync(
            await CompactAsync(Secret, "?keep=3"), 200, """{"status":"success","message":"The history is compacted.","data":{"removed":7}}""", Cancelled);
        await AssertLogAsync("operated", many[^3..], horizon: many[^4]);
        await Envelope.AssertBodyAsync(
            await CompactAsync(Secret, ""), 200, """{"status":"success","message":"The history is compacted.","data":{"removed":0}}""", Cancelled);

        async Task<HttpResponseMessage> CompactAsync(string secret, string query)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/internal/history/compact{query}");
            request.Headers.Authorization = new("Bearer", secret);
            return await client.SendAsync(request, Cancelled);
        }
    }

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

    private Task ExecuteAsync(string statement) => ExecuteAsync(database, statement);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string statement)
    {
        await using var command = database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
