using System.Globalization;
using System.Net;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Conditions, times to live, metadata, counters, transactions, bulk operations and idempotency.</summary>
public sealed class WriteTests(World world)
{
    private static readonly int[] DoneOrRefused = [200, 409];

    private static readonly string[] Malformed =
    [
        "", " ", ",", "727", "abc", "\"", "\"1", "1\"", "'1'", "\"1\" \"2\"", "\"1\";", "*, \"1\"", "\"1\", *", "**", "*a", "W/1", "W/*", "\"1\", 2",
    ];

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private User OnSecondReplica => world.SecondReplica.As(user.Subject);

    public static TheoryData<string, string> MalformedConditions
    {
        get
        {
            var conditions = new TheoryData<string, string> { { "If-Match", "W/\"1\"" }, { "If-Match", "\"1\", W/\"1\"" } };
            foreach (var value in Malformed)
            {
                conditions.Add("If-Match", value);
                conditions.Add("If-None-Match", value);
            }

            return conditions;
        }
    }

    [Fact]
    public async Task Put_with_upsert_creates_and_then_updates()
    {
        var created = await user.PutAsync("/api/data/k?upsert=true", """{"value":1}""");
        await Envelope.AssertBodyAsync(created, 201, """{"status":"success","message":"Data stored successfully."}""", Cancelled);
        Assert.Equal("/api/data/k", created.Headers.Location?.OriginalString);
        Assert.Equal(200, (int)(await user.PutAsync("/api/data/k?upsert=true", """{"value":2}""")).StatusCode);
        Assert.Equal(400, (int)(await user.PutAsync("/api/data/k?upsert=yes", """{"value":2}""")).StatusCode);
    }

    [Fact]
    public async Task If_Match_lets_one_of_two_writers_through()
    {
        var tag = Tag(await user.StoreAsync("k", "1"));
        var second = Tag(await WriteAsync(HttpMethod.Put, """{"value":2}""", ("If-Match", $"\"x\", {tag}"), 200));
        await WriteAsync(HttpMethod.Put, """{"value":3}""", ("If-Match", tag), 412);
        await WriteAsync(HttpMethod.Delete, null, ("If-Match", tag), 412);
        await WriteAsync(HttpMethod.Put, """{"value":3}""", ("If-Match", "*"), 200);
        await WriteAsync(HttpMethod.Put, """{"value":4}""", ("If-None-Match", "*"), 412);
        await WriteAsync(HttpMethod.Delete, null, ("If-Match", "*"), 200);
        await WriteAsync(HttpMethod.Put, """{"value":4}""", ("If-None-Match", "*"), 201, "?upsert=true");
    }

    [Theory]
    [MemberData(nameof(MalformedConditions))]
    public async Task A_write_with_a_malformed_condition_is_refused_and_changes_nothing(string header, string value)
    {
        await user.StoreAsync("k", "1");

        var tags = header is "If-Match" ? "strong entity tags" : "entity tags";
        foreach (var refused in new[]
        {
            await user.SendAsync(HttpMethod.Put, "/api/data/k", User.Json("""{"value":2}"""), (header, value)),
            await user.SendAsync(HttpMethod.Put, "/api/data/new?upsert=true", User.Json("""{"value":2}"""), (header, value)),
            await user.SendAsync(HttpMethod.Delete, "/api/data/k", null, (header, value)),
        })
            await Envelope.AssertErrorAsync(refused, 400, "INVALID_REQUEST",
                $"Invalid request. The header {header} must be * or a list of {tags} in double quotes, such as \\\"17\\\".", Cancelled);

        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", "1"), Cancelled);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/new")).StatusCode);
    }

    [Theory]
    [InlineData("/api/data", """{"key":"new","value":2}""")]
    [InlineData("/api/counters/new", "{}")]
    [InlineData("/api/revisions/restore", """{"key":"k","revision":REVISION}""")]
    [InlineData("/api/bulk", """{"operations":[{"op":"put","key":"new","value":2}]}""")]
    [InlineData("/api/txn", """{"operations":[{"op":"put","key":"new","value":2}]}""")]
    public async Task A_post_with_a_condition_is_refused_and_changes_nothing(string target, string body)
    {
        const string Misplaced =
            "Invalid request. If-Match and If-None-Match belong to PUT and DELETE, and the condition of an operation is its if_match.";

        var tag = Tag(await user.StoreAsync("k", "1"));
        foreach (var condition in new[]
        {
            ("If-Match", "*"), ("If-Match", tag), ("If-Match", "abc"), ("If-None-Match", "*"), ("If-None-Match", ""),
        })
        {
            var content = User.Json(body.Replace("REVISION", tag.Trim('"'), StringComparison.Ordinal));
            await Envelope.AssertErrorAsync(
                await user.SendAsync(HttpMethod.Post, target, content, condition), 400, "INVALID_REQUEST", Misplaced, Cancelled);
        }

        Assert.Equal(404, (int)(await user.GetAsync("/api/data/new")).StatusCode);
        Assert.Equal(tag, Tag(await user.GetAsync("/api/data/k")));
    }

    [Fact]
    public async Task A_read_of_a_known_revision_answers_304()
    {
        var tag = Tag(await user.StoreAsync("k", "1"));
        foreach (var (header, value, status) in new[]
        {
            ("If-None-Match", tag, 304), ("If-None-Match", "W/" + tag, 304), ("If-None-Match", "*", 304), ("If-None-Match", "\"0\"", 200),
            ("If-Match", tag, 200), ("If-Match", "*", 200), ("If-Match", "\"0\"", 412),
        })
        {
            var response = await user.SendAsync(HttpMethod.Get, "/api/data/k", null, (header, value));
            Assert.Equal(status, (int)response.StatusCode);
            if (status < 400)
                Assert.Equal(tag, Tag(response));
        }
    }

    [Fact]
    public async Task Metadata_and_expiry_are_returned_and_the_entry_expires_in_time()
    {
        var expiresAt = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddSeconds(2).ToUnixTimeMilliseconds());
        var moment = JsonSerializer.Serialize(expiresAt.UtcDateTime);
        await user.PostAsync($$$"""{"key":"k","value":1,"metadata":{"a": 1},"expires_at":{{{moment}}}}""");
        for (var i = 0; i < 2; i++)
        {
            await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200,
                $$$"""{"status":"success","data":{"key":"k","value":1,"metadata":{"a": 1},"expires_at":{{{moment}}}}}""", Cancelled);
        }

        while (TimeProvider.System.GetUtcNow() < expiresAt.AddMilliseconds(20))
            await Task.Delay(20, Cancelled);
        foreach (var reader in new[] { user, OnSecondReplica, world.WithoutCache.As(user.Subject) })
            Assert.Equal(404, (int)(await reader.GetAsync("/api/data/k")).StatusCode);
        Assert.Equal(404, (int)(await user.PutAsync("/api/data/k", """{"value":2}""")).StatusCode);
        await user.StoreAsync("k", "2");
    }

    [Theory]
    [InlineData("\"ttl_seconds\":0", "INVALID_TTL")]
    [InlineData("\"ttl_seconds\":-1", "INVALID_TTL")]
    [InlineData("\"ttl_seconds\":1.5", "INVALID_TTL")]
    [InlineData("\"ttl_seconds\":\"1\"", "INVALID_TTL")]
    [InlineData("\"ttl_seconds\":99999999999", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"2001-01-01T00:00:00Z\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"2999-01-01\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"tomorrow\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"03/04/2099\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"2099-01-01T00:00:00\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"2099-01-01T00:00Z\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":\"2099-01-01T00:00:00+0100\"", "INVALID_TTL")]
    [InlineData("\"expires_at\":1", "INVALID_TTL")]
    [InlineData("\"ttl_seconds\":1,\"expires_at\":\"2099-01-01T00:00:00Z\"", "INVALID_TTL")]
    [InlineData("\"metadata\":1", "INVALID_METADATA")]
    [InlineData("\"metadata\":[]", "INVALID_METADATA")]
    public async Task Invalid_metadata_or_time_to_live_is_refused(string member, string code)
    {
        var response = await user.PostAsync($$"""{"key":"k","value":1,{{member}}}""");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains($"\"{code}\"", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2099-01-01t00:00:00z", "2099-01-01T00:00:00Z")]
    [InlineData("2099-01-01T00:00:00.123456789012345678901234567890Z", "2099-01-01T00:00:00.123Z")]
    [InlineData("2098-12-31T23:59:60Z", "2099-01-01T00:00:00Z")]
    [InlineData("2099-01-01T00:00:00-15:00", "2099-01-01T15:00:00Z")]
    public async Task Expiry_is_any_moment_of_rfc_3339(string sent, string moment)
    {
        await user.PutAsync("/api/data/k?upsert=true", $$"""{"value":1,"expires_at":"{{sent}}"}""");

        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200,
            $$$"""{"status":"success","data":{"key":"k","value":1,"expires_at":"{{{moment}}}"}}""", Cancelled);
    }

    [Fact]
    public async Task Counters_are_exact_under_concurrency()
    {
        const int Clients = 16, Additions = 25;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
        {
            var adder = i % 2 == 0 ? user : OnSecondReplica;
            for (var n = 0; n < Additions; n++)
                Assert.Equal(200, (int)(await PostAsync(adder, "/api/counters/c", """{"delta":3}""")).StatusCode);
        }));

        await Envelope.AssertBodyAsync(await PostAsync(user, "/api/counters?key=c", """{"delta":-200}"""), 200,
            $$$"""{"status":"success","data":{"key":"c","value":{{{(3 * Clients * Additions) - 200}}}}}""", Cancelled);
        await user.StoreAsync("text", "\"1\"");
        var response = await PostAsync(user, "/api/counters/text", """{"delta":1}""");
        Assert.Equal(409, (int)response.StatusCode);
        Assert.Equal(400, (int)(await PostAsync(user, "/api/counters/c", """{"delta":1.5}""")).StatusCode);
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        var revision = Tag(await user.StoreAsync("a", "1")).Trim('"');
        var done = await PostAsync(user, "/api/txn",
            $$"""{"checks":[{"key":"a","revision":{{revision}}},{"key":"b","exists":false}],"operations":[{"op":"put","key":"a","value":2},{"op":"create","key":"b","value":3}]}""");
        Assert.Equal(200, (int)done.StatusCode);

        var refused = await PostAsync(user, "/api/txn",
            """{"checks":[{"key":"a","exists":true}],"operations":[{"op":"put","key":"a","value":9},{"op":"create","key":"b","value":9},{"op":"delete","key":"a"}]}""");
        Assert.Equal(409, (int)refused.StatusCode);
        Assert.Contains("operations[1]", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/a"), 200, User.Found("a", "2"), Cancelled);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/b"), 200, User.Found("b", "3"), Cancelled);
    }

    [Fact]
    public async Task No_reader_sees_half_of_a_transaction()
    {
        await user.StoreAsync("a", "0");
        await user.StoreAsync("b", "0");
        var done = false;
        var readers = Enumerable.Range(0, 4).Select(async i =>
        {
            var reader = i % 2 == 0 ? user : OnSecondReplica;
            while (!Volatile.Read(ref done))
            {
                var first = await ValueAsync(reader, "a");
                var second = await ValueAsync(reader, "b");
                Assert.True(second >= first, $"b is {second} after a was {first}");
            }
        }).ToArray();

        for (var i = 1; i <= 60; i++)
        {
            var response = await PostAsync(i % 2 == 0 ? user : OnSecondReplica, "/api/txn",
                $$"""{"operations":[{"op":"put","key":"a","value":{{i}}},{"op":"put","key":"b","value":{{i}}}]}""");
            Assert.Equal(200, (int)response.StatusCode);
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Bulk_operations_run_in_order_each_with_its_own_outcome()
    {
        var response = await PostAsync(user, "/api/bulk",
            """
            {"operations":[{"op":"create","key":"a","value":1},{"op":"create","key":"a","value":2},{"op":"get","key":"a"},{"op":"put","key":"a","value":[3]},
            {"op":"get","key":"a"},{"op":"delete","key":"a"},{"op":"delete","key":"a"},{"op":"get","key":"a"},{"op":"put","key":"","value":1},{"op":"put","key":"x"},{"op":"no","key":"x"}]}
            """);
        Assert.Equal(200, (int)response.StatusCode);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled));
        var results = body.RootElement.GetProperty("data").GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal([201, 409, 200, 200, 200, 200, 404, 404, 400, 400, 400], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal("[3]", results[4].GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task A_bulk_request_that_was_stored_in_part_answers_outcome_unknown()
    {
        var poison = $"poison-{Guid.NewGuid():N}";
        await world.ExecuteAsync(
            $"""
            CREATE FUNCTION "{poison}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION SQLSTATE '53300'; END $$;
            CREATE TRIGGER poison BEFORE INSERT ON changes FOR EACH ROW WHEN (NEW.key = '{poison}') EXECUTE FUNCTION "{poison}"()
            """);
        try
        {
            var part = await PostAsync(user, "/api/bulk", $$"""{"operations":[{"op":"put","key":"a","value":1},{"op":"get","key":"a"},{"op":"put","key":"{{poison}}","value":1}]}""");
            Assert.Equal(503, (int)part.StatusCode);
            Assert.Contains("\"OUTCOME_UNKNOWN\"", await part.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            Assert.Equal(1, await ValueAsync(user, "a"));

            var nothing = await PostAsync(user, "/api/bulk", $$"""{"operations":[{"op":"get","key":"a"},{"op":"put","key":"{{poison}}","value":1}]}""");
            Assert.Contains("\"UNAVAILABLE\"", await nothing.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
        finally
        {
            await world.ExecuteAsync($"""DROP TRIGGER poison ON changes; DROP FUNCTION "{poison}"()""");
        }
    }

    [Fact]
    public async Task A_repeat_with_an_idempotency_key_is_answered_again_and_not_done_again()
    {
        var first = await OnceAsync(user, "one", "/api/counters/c", """{"delta":5}""");
        var again = await OnceAsync(OnSecondReplica, "one", "/api/counters/c", """{"delta":5}""");
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancelled), await again.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(Tag(first), Tag(again));
        Assert.Equal(422, (int)(await OnceAsync(user, "one", "/api/counters/c", """{"delta":6}""")).StatusCode);
        Assert.Equal(400, (int)(await OnceAsync(user, new string('x', 256), "/api/counters/c", """{"delta":6}""")).StatusCode);

        var created = await OnceAsync(user, "two", "/api/data", User.Entry("k", "1"));
        var repeated = await OnceAsync(user, "two", "/api/data", User.Entry("k", "1"));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (created.StatusCode, repeated.StatusCode));
        Assert.Equal(Tag(created), Tag(repeated));

        var concurrent = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            OnceAsync(i % 2 == 0 ? user : OnSecondReplica, "three", "/api/counters/n", """{"delta":1}""")));
        Assert.All(concurrent, response => Assert.Contains((int)response.StatusCode, DoneOrRefused));
        Assert.Equal(1, await ValueAsync(user, "n"));
    }

    [Fact]
    public async Task Expired_entries_are_swept_and_leave_the_usage()
    {
        await user.StoreAsync("stays", "1");
        await user.PostAsync("""{"key":"goes","value":1,"ttl_seconds":1}""");
        await Task.Delay(1100, Cancelled);
        await world.Data.Services.GetRequiredService<EntryTable>().ExpireAsync(1000, Cancelled);
        Assert.Contains("\"keys\":{\"used\":1,", await (await user.GetAsync("/api/usage")).Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quota_is_exact_under_concurrency()
    {
        await using var small = world.NewReplica(("Quota:Keys", "20"), ("Quota:Bytes", "1000"));
        var writer = small.As(user.Subject);
        var responses = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => writer.PostAsync(User.Entry($"k{i}", "1"))));
        Assert.Equal(20, responses.Count(response => response.StatusCode is HttpStatusCode.Created));
        Assert.Equal(40, responses.Count(response => response.StatusCode is HttpStatusCode.Forbidden));

        Assert.Equal(403, (int)(await PutAsync(writer, "k0", 2000)).StatusCode);
        await user.DeleteAsync("/api/data/k0"); // its put may have been refused
        await user.DeleteAsync("/api/data/k1");
        var sizes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PutAsync(writer, $"x{i}", 100)));
        Assert.True(sizes.Count(response => response.StatusCode is HttpStatusCode.Created) <= 2);
    }

    private static Task<HttpResponseMessage> PutAsync(User user, string key, int length) =>
        user.PutAsync($"/api/data/{key}?upsert=true", $$"""{"value":"{{new string('x', length)}}"}""");

    private static string Tag(HttpResponseMessage response) => response.Headers.ETag!.Tag;

    private static Task<HttpResponseMessage> PostAsync(User user, string target, string body) =>
        user.SendAsync(HttpMethod.Post, target, User.Json(body));

    private static Task<HttpResponseMessage> OnceAsync(User user, string key, string target, string body) =>
        user.SendAsync(HttpMethod.Post, target, User.Json(body), ("Idempotency-Key", key));

    private static async Task<long> ValueAsync(User user, string key)
    {
        using var body = JsonDocument.Parse(await (await user.GetAsync($"/api/data/{key}")).Content.ReadAsStringAsync(Cancelled));
        return long.Parse(body.RootElement.GetProperty("data").GetProperty("value").GetRawText(), CultureInfo.InvariantCulture);
    }

    private async Task<HttpResponseMessage> WriteAsync(
        HttpMethod method, string? body, (string Name, string Value) header, int status, string query = "")
    {
        var response = await user.SendAsync(method, "/api/data/k" + query, body is null ? null : User.Json(body), header);
        Assert.Equal(status, (int)response.StatusCode);
        return response;
    }
}
