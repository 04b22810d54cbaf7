using System.Diagnostics;
using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Without Postgres the service answers 503 at once, serves cached entries, and recovers by itself.</summary>
public sealed class DatabaseFaultTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_Postgres_is_down_requests_that_need_it_get_503_quickly()
    {
        await user.StoreAsync("cached", "1");
        await user.GetAsync("/api/data/cached");
        await world.ExecuteAsync("postgres", "stop");

        await AssertUnavailableAsync(() => user.GetAsync("/api/data/uncached"));
        await AssertUnavailableAsync(() => user.PostAsync(User.Entry("new", "1")));
        await AssertUnavailableAsync(() => user.PutAsync("/api/data/cached", """{"value":2}"""));
        await AssertUnavailableAsync(() => user.DeleteAsync("/api/data/cached"));
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/cached"), 200, User.Found("cached", "1"), Cancelled);

        var anybody = world.Data.WithToken(null);
        var health = await HealthAnswer.ReadAsync(await anybody.GetAsync("/health"), Cancelled);
        Assert.Equal((503, "unhealthy", ("unhealthy", "Postgres does not answer.")), (health.StatusCode, health.Status, health.Checks["database"]));
        Assert.Equal(200, (int)(await anybody.GetAsync("/alive")).StatusCode);

        await world.ExecuteAsync("postgres", "start");
        await world.MigrateAsync(); // waits for Postgres
        await user.StoreAsync("after", "1");
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/after"), 200, User.Found("after", "1"), Cancelled);
        await Eventually.TrueAsync(async () => (int)(await anybody.GetAsync("/health")).StatusCode is 200, "The service stays unready.", Cancelled);
    }

    // The table is locked against reads, so that a bulk that asks Postgres would wait.
    [Fact]
    public async Task A_bulk_of_cached_entries_does_not_ask_Postgres()
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"k{i}"), "none"];
        foreach (var key in keys.SkipLast(1))
            await user.StoreAsync(key, "1");
        foreach (var key in keys)
            await user.GetAsync($"/api/data/{key}");

        await using var other = new NpgsqlConnection(world.Database);
        await other.OpenAsync(Cancelled);
        await using var locking = await other.BeginTransactionAsync(Cancelled);
        await using (var take = new NpgsqlCommand("LOCK TABLE entries", other))
            await take.ExecuteNonQueryAsync(Cancelled);

        var operations = string.Join(',', keys.Select(key => $$"""{"op":"get","key":"{{key}}"}"""));
        var clock = Stopwatch.StartNew();
        var response = await user.SendAsync(HttpMethod.Post, "/api/bulk", User.Json($$"""{"operations":[{{operations}}]}"""));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        var results = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!["results"]!.AsArray();
        Assert.Equal([.. Enumerable.Repeat(200, 20), 404], results.Select(result => (int)result!["status"]!));
    }

    private static async Task AssertUnavailableAsync(Func<Task<HttpResponseMessage>> request)
    {
        var clock = Stopwatch.StartNew();
        var response = await request();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("1", response.Headers.RetryAfter?.ToString());
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(503, (int)response.StatusCode);
        Assert.True(body.Contains("UNAVAILABLE", StringComparison.Ordinal) || body.Contains("OUTCOME_UNKNOWN", StringComparison.Ordinal), body);
    }
}
