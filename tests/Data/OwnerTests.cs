using System.Text.Json;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Export and erasure of owners by the identity service.</summary>
public sealed class OwnerTests(World world)
{
    private readonly User user = world.Data.NewUser();
    private readonly User identity = world.Data.As("identity", "kv:internal");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_contains_every_entry_as_it_was_sent()
    {
        await user.StoreAsync("a/é", """{"b": 1.50,"a":[1e400]}""");
        await user.StoreAsync("gone", "1");
        await user.DeleteAsync("/api/data/gone");
        foreach (var i in Enumerable.Range(0, 450))
            await user.StoreAsync($"k{i:D3}", $"{i}");

        using var export = await ExportAsync();
        var entries = export.RootElement.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(["a/é", .. Enumerable.Range(0, 450).Select(i => $"k{i:D3}")], entries.Select(entry => entry.GetProperty("key").GetString()));
        Assert.Equal("""{"b": 1.50,"a":[1e400]}""", entries[0].GetProperty("value").GetRawText());
        foreach (var member in new[] { "revision", "created_at", "updated_at" })
            Assert.True(entries[0].TryGetProperty(member, out _), member);
    }

    [Fact]
    public async Task An_export_of_an_unknown_owner_is_empty() => await Envelope.AssertBodyAsync(
        await identity.GetAsync($"/internal/owners/{user.Subject}"), 200, """{"entries":[],"history":[],"idempotency":[]}""", Cancelled);

    [Fact]
    public async Task An_export_contains_the_outcomes_that_are_kept_for_repeats()
    {
        for (var i = 0; i < 250; i++)
            await world.ExecuteAsync($"INSERT INTO idempotency (owner, key, part, fingerprint, outcomes, revisions, results, created_at) VALUES ('{user.Subject}', 'old{i:D3}', 0, '\\xab', '{{1}}', '{{7}}', '{{NULL}}', now())");
        await SendOnceAsync("/api/counters/n", """{"delta":5}""", "add");
        await SendOnceAsync("/api/bulk", """{"operations":[{"op":"create","key":"n","value":1},{"op":"get","key":"n"},{"op":"delete","key":"n"}]}""", "two parts");

        using var export = await ExportAsync();
        var kept = export.RootElement.GetProperty("idempotency").EnumerateArray().ToArray();
        Assert.Equal(["add", .. Enumerable.Range(0, 250).Select(i => $"old{i:D3}"), "two parts", "two parts"], kept.Select(record => record.GetProperty("key").GetString()));
        Assert.Equal(["key", "part", "time", "fingerprint", "outcomes"], kept[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal("ab", kept[1].GetProperty("fingerprint").GetString());
        Assert.Matches("""^\[\{"outcome":"created","revision":[0-9]+,"value":5\}\]$""", kept[0].GetProperty("outcomes").GetRawText());
        Assert.Equal([0, 1], kept.TakeLast(2).Select(record => record.GetProperty("part").GetInt32()).Order());
        Assert.Contains("\"outcome\":\"exists\"", kept[^2].GetRawText() + kept[^1].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasure_that_Redis_did_not_confirm_is_unavailable_until_it_did()
    {
        await user.StoreAsync("k", "1");
        await user.GetAsync("/api/data/k");
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        Assert.NotEmpty(redis.KeysWith(user.Subject));

        await Envelope.AssertErrorAsync(
            await world.WithoutCache.As("identity", "kv:internal").DeleteAsync($"/internal/owners/{user.Subject}"), 503, "UNAVAILABLE",
            "Redis does not answer. Please repeat the erasure.", Cancelled);
        Assert.Equal([], await TablesThatNameAsync(user.Subject));
        Assert.NotEmpty(redis.KeysWith(user.Subject));

        Assert.Equal(200, (int)(await EraseAsync()).StatusCode);
        Assert.Equal([], redis.KeysWith(user.Subject));
    }

    [Fact]
    public async Task After_an_erasure_no_row_names_the_owner()
    {
        var other = world.Data.NewUser();
        await other.StoreAsync("k", "1");
        foreach (var i in Enumerable.Range(0, 30))
            await user.StoreAsync($"k{i}", $"{i}");
        await user.DeleteAsync("/api/data/k1");
        await user.GetAsync("/api/data/never-was");
        await ChangeWriter.CommitAsync(world.Database, user.Subject, Enumerable.Range(0, 2_500).Select(i => ($"k{i}", (string?)"1")));

        await Envelope.AssertBodyAsync(await EraseAsync(), 200,
            """{"status":"success","message":"Everything of this owner is erased."}""", Cancelled);
        Assert.Equal([], await TablesThatNameAsync(user.Subject));
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        Assert.Equal([], redis.KeysWith(user.Subject));

        Assert.Equal(200, (int)(await EraseAsync()).StatusCode);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/k0")).StatusCode);
        await Envelope.AssertBodyAsync(await other.GetAsync("/api/data/k"), 200, User.Found("k", "1"), Cancelled);
    }

    [Fact]
    public async Task Writes_that_run_during_an_erasure_leave_nothing()
    {
        await user.StoreAsync("k", "1");
        await using var held = await OwnerLock.TakeAsync(world, user.Subject);

        // They wait for the lock in this order: a write, the erasure, and writes that another replica admitted.
        var early = user.PutAsync("/api/data/early?upsert=true", User.Entry("early", "1"));
        await held.WaitersAsync(1);
        var erased = EraseAsync();
        await held.WaitersAsync(2);
        var late = world.SecondReplica.As(user.Subject).PostAsync(User.Entry("late", "1"));
        await held.WaitersAsync(3);
        await held.DisposeAsync();

        Assert.Equal(201, (int)(await early).StatusCode);
        Assert.Equal(200, (int)(await erased).StatusCode);
        await Envelope.AssertErrorAsync(await late, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);

        // The idempotency key of a request that changes nothing is stored as well.
        var nothing = new StringContent("""{"operations":[{"op":"delete","key":"k"}]}""", System.Text.Encoding.UTF8, "application/json");
        await Envelope.AssertErrorAsync(
            await user.SendAsync(HttpMethod.Post, "/api/bulk", nothing, ("Idempotency-Key", "once")), 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
        Assert.Equal([], await TablesThatNameAsync(user.Subject));
    }

    [Fact]
    public async Task Writes_of_an_erased_owner_do_not_fail_others_in_the_batch()
    {
        Assert.Equal(200, (int)(await EraseAsync()).StatusCode);
        var others = Enumerable.Range(0, 20).Select(_ => world.Data.NewUser()).ToList();

        var stored = await Task.WhenAll(others.Append(user).Select(writer => writer.PostAsync(User.Entry("k", "1"))));

        Assert.All(stored[..^1], response => Assert.Equal(201, (int)response.StatusCode));
        Assert.Equal(401, (int)stored[^1].StatusCode);
        Assert.Equal([], await TablesThatNameAsync(user.Subject));
    }

    [Fact]
    public async Task Erasing_an_owner_whose_name_looks_like_a_pattern_erases_no_other()
    {
        var name = Guid.NewGuid().ToString("N");
        foreach (var owner in new[] { $"{name}*", $"{name}x", $"{name}?", $"[{name}" })
        {
            await world.Data.As(owner).StoreAsync("k", "1");
            await world.Data.As(owner).GetAsync("/api/data/k");
        }

        Assert.Equal(200, (int)(await identity.DeleteAsync($"/internal/owners/{Uri.EscapeDataString($"{name}*")}")).StatusCode);
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        var left = redis.KeysWith(name).Select(key => key.ToString()).ToArray();
        Assert.NotEmpty(left); // images of other owners that have not expired
        Assert.DoesNotContain(left, key => key.Contains($"{name}*", StringComparison.Ordinal));
        Assert.Equal(404, (int)(await world.Data.As($"{name}*").GetAsync("/api/data/k")).StatusCode);
    }

    [Fact]
    public async Task Only_the_identity_service_may_export_and_erase()
    {
        foreach (var caller in new[] { user, world.Data.As("someone", "kv:read kv:write kv:admin") })
        {
            Assert.Equal(403, (int)(await caller.GetAsync($"/internal/owners/{user.Subject}")).StatusCode);
            Assert.Equal(403, (int)(await caller.DeleteAsync($"/internal/owners/{user.Subject}")).StatusCode);
        }

        Assert.Equal(401, (int)(await world.Data.WithToken(null).DeleteAsync($"/internal/owners/{user.Subject}")).StatusCode);
    }

    private Task<HttpResponseMessage> EraseAsync() => identity.DeleteAsync($"/internal/owners/{user.Subject}");

    private async Task SendOnceAsync(string target, string body, string key)
    {
        using var response = await user.SendAsync(HttpMethod.Post, target, User.Json(body), ("Idempotency-Key", key));
        Assert.Equal(200, (int)response.StatusCode);
    }

    private async Task<JsonDocument> ExportAsync()
    {
        using var response = await identity.GetAsync($"/internal/owners/{user.Subject}");
        Assert.Equal(200, (int)response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled));
    }

    // All tables with the text in any column.
    private async Task<List<string>> TablesThatNameAsync(string text)
    {
        await using var database = NpgsqlDataSource.Create(world.Database);
        await using var tables = database.CreateCommand("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
        var names = new List<string>();
        await using (var reader = await tables.ExecuteReaderAsync(Cancelled))
        {
            while (await reader.ReadAsync(Cancelled))
                names.Add(reader.GetString(0));
        }

        Assert.Contains("entries", names);
        var found = new List<string>();
        foreach (var name in names)
        {
            await using var rows = database.CreateCommand($"SELECT count(*) FROM \"{name}\" AS line WHERE line::text LIKE '%' || $1 || '%'");
            rows.Parameters.Add(new() { Value = text });
            if (await rows.ExecuteScalarAsync(Cancelled) is > 0L)
                found.Add(name);
        }

        return found;
    }
}
