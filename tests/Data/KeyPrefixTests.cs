using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>A token of an API key with a prefix reaches only keys with that prefix, through all operations.</summary>
public sealed class KeyPrefixTests : IAsyncLifetime
{
    private const string Insufficient = "The access token does not grant what this request needs.";
    private const string Unknown = "The provided key does not exist in the database.";

    private readonly User owner;
    private readonly User machine;
    private long revision;

    public KeyPrefixTests(World world)
    {
        owner = world.Data.NewUser();
        var token = world.Issuer.Describe(owner.Subject);
        (token.Claims["client_id"], token.Claims["sid"], token.Claims["kv_prefix"]) = ("api-key", Guid.NewGuid().ToString(), "mine/");
        machine = world.Data.WithToken(TestIssuer.Sign(token), owner.Subject);
    }

    // Near misses above all: the prefix without its end, with another end, in another case.
    public static TheoryData<string> Outside => ["other", "mine", "mine0", "Mine/a", "other/mine/a"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var row in Outside)
        {
            var stored = await owner.StoreAsync(row.Data, "1");
            revision = long.Parse(stored.Headers.ETag!.Tag.Trim('"'), System.Globalization.CultureInfo.InvariantCulture);
        }

        await owner.StoreAsync("mine/a", "1");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Outside))]
    public async Task A_key_outside_the_prefix_is_not_found(string key)
    {
        foreach (var target in new[] { $"/api/data/{key}", $"/api/data?key={Uri.EscapeDataString(key)}", $"/api/revisions?key={Uri.EscapeDataString(key)}" })
            await Envelope.AssertErrorAsync(await machine.GetAsync(target), 404, "KEY_NOT_FOUND", Unknown, Cancelled);
        Assert.Equal(404, (int)(await machine.SendAsync(HttpMethod.Head, $"/api/data/{key}")).StatusCode);
        Assert.Equal(404, (int)(await machine.SendAsync(HttpMethod.Get, $"/api/data/{key}", null, ("If-None-Match", "*"))).StatusCode);

        Assert.Equal(200, (int)(await machine.GetAsync("/api/data/mine/a")).StatusCode);
        Assert.Equal(200, (int)(await machine.GetAsync("/api/revisions?key=mine/a")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Outside))]
    public async Task A_key_outside_the_prefix_is_neither_created_changed_nor_deleted(string key)
    {
        foreach (var refused in new[]
        {
            await machine.PostAsync(User.Entry(key, "2")),
            await machine.PostAsync(User.Entry(key + "-new", "2")),
            await machine.PutAsync($"/api/data/{key}", """{"value":2}"""),
            await machine.PutAsync($"/api/data/{key}-new?upsert=true", """{"value":2}"""),
            await machine.PutAsync($"/api/data?key={Uri.EscapeDataString(key)}", """{"value":2}"""),
            await machine.DeleteAsync($"/api/data/{key}"),
            await machine.SendAsync(HttpMethod.Post, $"/api/counters/{key}", User.Json("""{"delta":1}""")),
            await machine.SendAsync(HttpMethod.Post, "/api/revisions/restore", User.Json($$"""{"key":"{{key}}","revision":{{revision}}}""")),
        })
            await Envelope.AssertErrorAsync(refused, 403, "INSUFFICIENT_SCOPE", Insufficient, Cancelled);
        await AssertUnchangedAsync();

        Assert.Equal(201, (int)(await machine.PostAsync(User.Entry($"mine/{key}", "2"))).StatusCode);
        Assert.Equal(200, (int)(await machine.DeleteAsync("/api/data/mine/a")).StatusCode);
    }

    [Fact]
    public async Task An_idempotency_key_of_the_owner_is_not_replayed()
    {
        var body = User.Entry("once", "1");
        Assert.Equal(201, (int)(await owner.SendAsync(HttpMethod.Post, "/api/data", User.Json(body), ("Idempotency-Key", "one"))).StatusCode);
        await Envelope.AssertErrorAsync(
            await machine.SendAsync(HttpMethod.Post, "/api/data", User.Json(body), ("Idempotency-Key", "one")), 403, "INSUFFICIENT_SCOPE", Insufficient, Cancelled);
    }

    [Theory]
    [InlineData("")]
    [InlineData("prefix=m")]
    [InlineData("prefix=mine/")]
    [InlineData("delimiter=/")]
    [InlineData("values=true&limit=1000")]
    public async Task A_list_contains_only_keys_with_the_prefix(string query)
    {
        var text = await (await machine.GetAsync($"/api/data?{query}")).Content.ReadAsStringAsync(Cancelled);
        foreach (var row in Outside)
            Assert.DoesNotContain($"\"{row.Data}\"", text, StringComparison.Ordinal);
        Assert.Contains(query is "delimiter=/" ? "\"mine/\"" : "\"mine/a\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prefix=other")]
    [InlineData("prefix=mine0")]
    [InlineData("prefix=Mine/")]
    public async Task A_list_outside_the_prefix_is_empty(string query)
    {
        var text = await (await machine.GetAsync($"/api/data?{query}")).Content.ReadAsStringAsync(Cancelled);
        Assert.Empty(JsonNode.Parse(text)!["data"]!["items"]!.AsArray());
    }

    [Fact]
    public async Task A_cursor_of_the_owner_is_refused()
    {
        var page = JsonNode.Parse(await (await owner.GetAsync("/api/data?limit=1")).Content.ReadAsStringAsync(Cancelled))!;
        var refused = await machine.GetAsync($"/api/data?limit=1&cursor={page["data"]!["cursor"]}");
        Assert.Equal("400 INVALID_CURSOR", $"{(int)refused.StatusCode} {JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancelled))!["code"]}");
    }

    [Theory]
    [InlineData("get", 404, "KEY_NOT_FOUND")]
    [InlineData("put", 403, "INSUFFICIENT_SCOPE")]
    [InlineData("create", 403, "INSUFFICIENT_SCOPE")]
    [InlineData("delete", 403, "INSUFFICIENT_SCOPE")]
    public async Task Each_bulk_operation_is_refused_outside_the_prefix_and_done_within(string op, int status, string code)
    {
        var keys = Outside.Select(row => row.Data).Append(op is "create" ? "mine/new" : "mine/a").ToArray();
        var operations = string.Join(',', keys.Select(key => $$"""{"op":"{{op}}","key":"{{key}}","value":2}"""));
        var answer = await machine.SendAsync(HttpMethod.Post, "/api/bulk", User.Json($$"""{"operations":[{{operations}}]}"""));
        var results = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["data"]!["results"]!.AsArray();

        Assert.Equal(keys.Length, results.Count);
        Assert.All(results.SkipLast(1), result => Assert.Equal($"{status} {code}", $"{result!["status"]} {result["code"]}"));
        Assert.All(results.SkipLast(1), result => Assert.Null(result!["value"]));
        Assert.Equal(op is "create" ? 201 : 200, results[^1]!["status"]!.GetValue<int>());
        await AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("operations", """{"op":"get","key":"KEY"}""", "INVALID_REQUEST")]
    [InlineData("operations", """{"op":"put","key":"KEY","value":2}""", "INSUFFICIENT_SCOPE")]
    [InlineData("operations", """{"op":"create","key":"KEY","value":2}""", "INSUFFICIENT_SCOPE")]
    [InlineData("operations", """{"op":"delete","key":"KEY"}""", "INSUFFICIENT_SCOPE")]
    [InlineData("checks", """{"key":"KEY","revision":1}""", "INSUFFICIENT_SCOPE")]
    [InlineData("checks", """{"key":"KEY","exists":true}""", "INSUFFICIENT_SCOPE")]
    [InlineData("checks", """{"key":"KEY","exists":false}""", "INSUFFICIENT_SCOPE")]
    public async Task A_transaction_with_any_key_outside_the_prefix_is_refused(string list, string step, string code)
    {
        foreach (var row in Outside)
        {
            const string Within = """{"op":"put","key":"mine/b","value":2}""";
            var outside = step.Replace("KEY", row.Data, StringComparison.Ordinal);
            var refused = await machine.SendAsync(HttpMethod.Post, "/api/txn", User.Json(list is "checks"
                ? $$"""{"checks":[{{outside}}],"operations":[{{Within}}]}"""
                : $$"""{"operations":[{{Within}},{{outside}}]}"""));
            var (status, message) = code is "INVALID_REQUEST" ? (400, "A transaction reads nothing; use a check.") : (403, Insufficient);
            await Envelope.AssertErrorAsync(refused, status, code, $"{(list is "checks" ? "checks[0]" : "operations[1]")}: {message}", Cancelled,
                errors: code is "INVALID_REQUEST" ? $$"""{"operations[1].op":["{{message}}"]}""" : null);
        }

        Assert.Equal(404, (int)(await owner.GetAsync("/api/data/mine/b")).StatusCode);
        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_resumed_watch_sends_only_keys_with_the_prefix()
    {
        foreach (var prefix in new[] { "", "prefix=m" })
        {
            using var stream = await EventReader.OpenAsync(machine, prefix, $"{revision - 1}");
            Assert.Contains("\"mine/a\"", (await stream.ReadAsync(1))[0].Data, StringComparison.Ordinal);
        }
    }

    private async Task AssertUnchangedAsync()
    {
        foreach (var row in Outside)
        {
            await Envelope.AssertBodyAsync(await owner.GetAsync($"/api/data/{row.Data}"), 200, User.Found(row.Data, "1"), Cancelled);
            Assert.Equal(404, (int)(await owner.GetAsync($"/api/data/{row.Data}-new")).StatusCode);
        }
    }
}
