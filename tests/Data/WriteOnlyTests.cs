using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What a token learns that may only write, or only reaches a prefix.</summary>
public sealed class WriteOnlyTests(World world)
{
    private const string Insufficient = "The access token does not grant what this request needs.";

    private readonly User owner = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private User Writer => world.Data.As(owner.Subject, "kv:write");

    [Theory]
    [InlineData("/api/counters/n", """{"delta":0}""", "")]
    [InlineData("/api/counters/n", """{"delta":-0}""", "")]
    [InlineData("/api/counters/n", """{"delta":-0.0e3}""", "")]
    [InlineData("/api/counters/n", """{"delta":1e18}""", "")]
    [InlineData("/api/counters/n", """{"delta":-1000000000000000000}""", "")]
    [InlineData("/api/txn", """{"checks":[{"key":"n","exists":true}]}""", "checks[0]: ")]
    [InlineData("/api/txn", """{"checks":[{"key":"n","exists":false}]}""", "checks[0]: ")]
    [InlineData("/api/txn", """{"checks":[{"key":"n","revision":1}]}""", "checks[0]: ")]
    [InlineData("/api/txn", """{"checks":[{"key":"n","exists":true}],"operations":[{"op":"put","key":"other","value":1}]}""", "checks[0]: ")]
    public async Task A_request_that_only_asks_needs_the_scope_of_reads(string target, string body, string place)
    {
        await owner.StoreAsync("n", "41");

        await Envelope.AssertErrorAsync(
            await Writer.SendAsync(HttpMethod.Post, target, User.Json(body)), 403, "INSUFFICIENT_SCOPE", place + Insufficient, Cancelled);
        Assert.Equal(404, (int)(await owner.GetAsync("/api/data/other")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/data/n")]
    [InlineData("HEAD", "/api/data/n")]
    [InlineData("GET", "/api/data")]
    [InlineData("GET", "/api/usage")]
    [InlineData("GET", "/api/revisions?key=n")]
    [InlineData("GET", "/api/watch")]
    public async Task A_read_needs_the_scope_of_reads(string method, string target) =>
        Assert.Equal(403, (int)(await Writer.SendAsync(new(method), target)).StatusCode);

    [Fact]
    public async Task A_counter_tells_its_new_value_only_to_tokens_that_may_read_it()
    {
        await owner.StoreAsync("n", "41");
        await Envelope.AssertBodyAsync(await Writer.SendAsync(HttpMethod.Post, "/api/counters/n", User.Json("{}")), 200,
            """{"status":"success","data":{"key":"n"}}""", Cancelled);
        await Envelope.AssertBodyAsync(await owner.SendAsync(HttpMethod.Post, "/api/counters/n", User.Json("""{"delta":0}""")), 200,
            """{"status":"success","data":{"key":"n","value":42}}""", Cancelled);
    }

    // 41 and 10^100 - 41 have 101 digits together, 41 and 10^100 - 42 have 100.
    [Theory]
    [InlineData("", 58)]
    [InlineData("", 59)]
    [InlineData("-", 59)]
    public async Task A_writer_does_not_find_a_value_by_sums_that_have_too_many_digits(string sign, int end)
    {
        await owner.StoreAsync("n", "41");
        var addition = User.Json($$"""{"delta":{{sign}}{{new string('9', 98)}}{{end}}}""");
        await Envelope.AssertErrorAsync(await Writer.SendAsync(HttpMethod.Post, "/api/counters/n", addition),
            403, "INSUFFICIENT_SCOPE", Insufficient, Cancelled);
        await Envelope.AssertBodyAsync(await owner.GetAsync("/api/data/n"), 200, User.Found("n", "41"), Cancelled);
    }

    [Theory]
    [InlineData("999999999999999999", "1000000000000000040")]
    [InlineData("-999999999999999999", "-999999999999999958")]
    public async Task A_writer_adds_up_to_18_digits(string delta, string sum)
    {
        await owner.StoreAsync("n", "41");
        var addition = User.Json($$"""{"delta":{{delta}}}""");
        await Envelope.AssertBodyAsync(await Writer.SendAsync(HttpMethod.Post, "/api/counters/n", addition), 200,
            """{"status":"success","data":{"key":"n"}}""", Cancelled);
        await Envelope.AssertBodyAsync(await owner.GetAsync("/api/data/n"), 200, User.Found("n", sum), Cancelled);
    }

    [Fact]
    public async Task A_repeated_addition_of_the_owner_does_not_tell_a_writer_the_value()
    {
        var once = ("Idempotency-Key", "one");
        Assert.Equal(200, (int)(await owner.SendAsync(HttpMethod.Post, "/api/counters/n", User.Json("{}"), once)).StatusCode);
        await Envelope.AssertBodyAsync(await Writer.SendAsync(HttpMethod.Post, "/api/counters/n", User.Json("{}"), once), 200,
            """{"status":"success","data":{"key":"n"}}""", Cancelled);
    }

    [Fact]
    public async Task A_bulk_tells_a_writer_outcomes_but_no_values()
    {
        await owner.StoreAsync("a", "1");
        var response = await Writer.SendAsync(HttpMethod.Post, "/api/bulk", User.Json(
            """{"operations":[{"op":"get","key":"a"},{"op":"create","key":"a","value":2},{"op":"put","key":"b","value":2}]}"""));
        var results = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!["results"]!.AsArray();
        Assert.Equal([403, 409, 201], results.Select(result => result!["status"]!.GetValue<int>()));
        Assert.All(results, result => Assert.Null(result!["value"]));
    }

    [Fact]
    public async Task A_token_with_a_prefix_learns_whether_all_of_its_10_000_rows_were_counted()
    {
        for (var i = 0; i < 10; i++)
        {
            var puts = Enumerable.Range(1000 * i, 1000).Select(n => $$"""{"op":"put","key":"mine/{{n:D5}}","value":1}""");
            var stored = await owner.SendAsync(HttpMethod.Post, "/api/bulk", User.Json($$"""{"operations":[{{string.Join(',', puts)}}]}"""));
            Assert.Equal(200, (int)stored.StatusCode);
        }

        var token = world.Issuer.Describe(owner.Subject);
        token.Claims["kv_prefix"] = "mine/";
        var limited = world.Data.WithToken(TestIssuer.Sign(token));
        await AssertUsageAsync(limited, keys: 10_000, bytes: 10_000 * 11, isComplete: true);

        await owner.StoreAsync("mine/more", "1");
        await AssertUsageAsync(limited, keys: 10_000, bytes: 10_000 * 11, isComplete: false);

        await owner.DeleteAsync("/api/data/mine/00000");
        await AssertUsageAsync(limited, keys: 9_999, bytes: 9_999 * 11, isComplete: false);
    }

    [Theory]
    [InlineData("mine/", 2, 6 + 1 + 6 + 3)]
    [InlineData("mine/a", 1, 6 + 1)]
    [InlineData("other", 1, 5 + 4)]
    [InlineData("none", 0, 0)]
    public async Task A_token_with_a_prefix_sees_the_usage_of_that_prefix(string prefix, int keys, int bytes)
    {
        foreach (var (key, value) in new[] { ("mine/a", "1"), ("mine/b", "222"), ("mine/deleted", "1"), ("other", "1234"), ("mine0", "12345") })
            await owner.StoreAsync(key, value);
        await owner.DeleteAsync("/api/data/mine/deleted");

        var token = world.Issuer.Describe(owner.Subject);
        token.Claims["kv_prefix"] = prefix;
        await AssertUsageAsync(world.Data.WithToken(TestIssuer.Sign(token)), keys, bytes, isComplete: true);
    }

    private static async Task AssertUsageAsync(User user, int keys, int bytes, bool isComplete)
    {
        var shares = $$"""{"keys":{"used":{{keys}},"allowed":10000000},"bytes":{"used":{{bytes}},"allowed":10737418240}""";
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/usage"), 200,
            $$$"""{"status":"success","data":{{{shares}}},"count_complete":{{{(isComplete ? "true" : "false")}}}}}""", Cancelled);
    }
}
