using System.Diagnostics;
using System.Text.Json;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The history of a key, and restoring from it.</summary>
public sealed class HistoryTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_history_names_actor_and_trace_of_each_change_newest_first()
    {
        var put = await CommitAsync(("k", """{"b": 1.50}"""), ("other", "1"));
        var deletion = await CommitAsync(("k", null));

        using var page = await PageAsync("key=k");
        Assert.Equal("k", page.RootElement.GetProperty("key").GetString());
        var revisions = page.RootElement.GetProperty("revisions").EnumerateArray().ToArray();
        Assert.Equal(2, revisions.Length);
        Assert.Equal((deletion, "delete"), (revisions[0].GetProperty("revision").GetInt64(), revisions[0].GetProperty("kind").GetString()));
        Assert.False(revisions[0].TryGetProperty("value", out _));
        Assert.InRange(revisions[1].GetProperty("revision").GetInt64(), 1, put - 1); // "other" came after it in the same commit
        Assert.Equal("put", revisions[1].GetProperty("kind").GetString());
        Assert.Equal("""{"b": 1.50}""", revisions[1].GetProperty("value").GetRawText());
        Assert.Equal(user.Subject, revisions[1].GetProperty("actor").GetString());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", revisions[1].GetProperty("trace_id").GetString());
        Assert.InRange(TimeProvider.System.GetUtcNow() - revisions[1].GetProperty("time").GetDateTimeOffset(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        Assert.True(page.RootElement.GetProperty("list_complete").GetBoolean());
    }

    [Theory]
    [InlineData("kvaspire", null, false)]
    [InlineData("some-client", null, false)]
    [InlineData("api-key", null, true)]
    [InlineData("api-key", "k", true)]
    public async Task A_history_names_the_api_key_that_made_a_change_with_or_without_a_prefix(string client, string? prefix, bool isKey)
    {
        var (token, id) = (world.Issuer.Describe(user.Subject), Guid.NewGuid().ToString());
        (token.Claims["client_id"], token.Claims["sid"]) = (client, id);
        if (prefix is not null)
            token.Claims["kv_prefix"] = prefix;

        var signed = TestIssuer.Sign(token);
        var machine = world.Data.WithToken(signed, user.Subject);
        await machine.StoreAsync("k", "1");
        await machine.PutAsync("/api/data/k", """{"value":2}""");
        await machine.SendAsync(HttpMethod.Post, "/api/counters/k", User.Json("{}"));
        await machine.SendAsync(HttpMethod.Post, "/api/bulk", User.Json("""{"operations":[{"op":"put","key":"k","value":3}]}"""));
        await machine.SendAsync(HttpMethod.Post, "/api/txn", User.Json("""{"operations":[{"op":"put","key":"k","value":4}]}"""));
        using var batch = new Batch(world);
        await batch.AskAsync(WriteRequests.Path, WriteAnswers.ContentType, Batch.Of([(signed, "k")], static (writer, key) =>
            writer.WriteReplacement(upserts: false, ActivityTraceId.CreateRandom(), key, """{"value":5}"""u8)));
        await machine.DeleteAsync("/api/data/k");

        using var page = await PageAsync("key=k");
        var actors = page.RootElement.GetProperty("revisions").EnumerateArray().Select(change => change.GetProperty("actor").GetString());
        Assert.Equal(Enumerable.Repeat(isKey ? id : user.Subject, 7), actors);
    }

    [Fact]
    public async Task A_long_history_comes_in_pages()
    {
        await CommitAsync([.. Enumerable.Range(0, 25).Select(i => ("k", (string?)$"{i}"))]);

        var (values, cursor) = (new List<int>(), "");
        for (var pages = 0; pages < 10 && cursor is not null; pages++)
        {
            using var page = await PageAsync($"key=k&limit=10&cursor={cursor}");
            values.AddRange(page.RootElement.GetProperty("revisions").EnumerateArray().Select(revision => revision.GetProperty("value").GetInt32()));
            cursor = page.RootElement.GetProperty("cursor").GetString();
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse(), values);
    }

    [Theory]
    [InlineData("", "INVALID_KEY", 400)]
    [InlineData("key=.", "INVALID_KEY", 400)]
    [InlineData("key=a&key=b", "INVALID_KEY", 400)]
    [InlineData("key=k&limit=0", "INVALID_LIMIT", 400)]
    [InlineData("key=k&cursor=x", "INVALID_CURSOR", 400)]
    [InlineData("key=k", "KEY_NOT_FOUND", 404)]
    public async Task A_history_of_an_invalid_or_missing_key_is_refused(string query, string code, int status)
    {
        var response = await user.GetAsync($"/api/revisions?{query}");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_users_history_is_not_found()
    {
        await CommitAsync(("k", "1"));

        Assert.Equal(404, (int)(await world.Data.NewUser().GetAsync("/api/revisions?key=k")).StatusCode);
    }

    [Fact]
    public async Task A_deleted_or_overwritten_value_is_restored_as_it_was_sent()
    {
        await user.StoreAsync("k", "\"now\"");
        var first = await CommitAsync(("k", """{"b": 1.50}"""));
        var second = await CommitAsync(("k", "2"));

        foreach (var (revision, value) in new[] { (first, """{"b": 1.50}"""), (second, "2"), (first, """{"b": 1.50}""") })
        {
            var restored = await RestoreAsync("k", revision);
            await Envelope.AssertBodyAsync(restored, 200, """{"status":"success","message":"Data restored successfully."}""", Cancelled);
            var read = await user.GetAsync("/api/data/k");
            Assert.Equal(restored.Headers.ETag, read.Headers.ETag);
            await Envelope.AssertBodyAsync(read, 200, User.Found("k", value), Cancelled);
            await user.DeleteAsync("/api/data/k");
        }
    }

    [Fact]
    public async Task A_revision_outside_the_history_is_not_restored()
    {
        var put = await CommitAsync(("k", "1"));
        var deletion = await CommitAsync(("k", null));
        await CommitAsync(("other", "1"));

        await Envelope.AssertErrorAsync(await RestoreAsync("k", deletion), 404, "KEY_NOT_FOUND",
            "The provided key had no value at the provided revision.", Cancelled);
        await Envelope.AssertErrorAsync(await RestoreAsync("other", put), 404, "KEY_NOT_FOUND",
            "The provided key had no value at the provided revision.", Cancelled);
        await Envelope.AssertErrorAsync(await RestoreAsync("k", "\"1\""), 400, "INVALID_REQUEST",
            "Invalid request. The revision must be a positive number.", Cancelled);

        await world.ExecuteAsync(
            $"DELETE FROM changes WHERE owner = '{user.Subject}' AND revision <= {deletion}; UPDATE owners SET compacted_revision = {deletion} WHERE owner = '{user.Subject}'");
        await Envelope.AssertErrorAsync(await RestoreAsync("k", put), 410, "REVISION_COMPACTED",
            "The history no longer reaches back to the provided revision. List the keys anew, then go on from now.", Cancelled);
    }

    private Task<HttpResponseMessage> RestoreAsync(string key, object revision) =>
        user.SendAsync(HttpMethod.Post, "/api/revisions/restore", User.Json($$"""{"key":"{{key}}","revision":{{revision}}}"""));

    private Task<long> CommitAsync(params (string Key, string? Value)[] changes) => ChangeWriter.CommitAsync(world.Database, user.Subject, changes);

    private async Task<JsonDocument> PageAsync(string query)
    {
        using var response = await user.GetAsync($"/api/revisions?{query}");
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)response.StatusCode == 200, text);
        using var body = JsonDocument.Parse(text);
        return JsonDocument.Parse(body.RootElement.GetProperty("data").GetRawText());
    }
}
