using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>A request with an <c>Idempotency-Key</c> is done once, even if the gateway repeats it.</summary>
public sealed class IdempotencyTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private User OnSecondReplica => world.SecondReplica.As(user.Subject);

    [Fact]
    public async Task Repeated_puts_and_deletions_are_done_once_and_answered_alike()
    {
        await user.StoreAsync("k", "1");
        foreach (var (method, key, body) in new[] { (HttpMethod.Put, "put", """{"value":2}"""), (HttpMethod.Delete, "delete", null) })
        {
            var first = await SendAsync(user, method, key, body);
            var again = await SendAsync(OnSecondReplica, method, key, body);
            Assert.Equal((200, 200), ((int)first.StatusCode, (int)again.StatusCode));
            Assert.Equal(await first.Content.ReadAsStringAsync(Cancelled), await again.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        }

        Assert.Equal(3, (await RevisionsAsync()).Count);
    }

    [Theory]
    [InlineData("PUT", """{"value":3}""", null)]
    [InlineData("PUT", """{"value":2}""", "\"1\"")]
    [InlineData("DELETE", null, null)]
    public async Task Another_request_with_the_same_idempotency_key_is_refused(string method, string? body, string? condition)
    {
        await user.StoreAsync("k", "1");
        await SendAsync(user, HttpMethod.Put, "one", """{"value":2}""");
        (string, string)[] more = condition is null ? [] : [("If-Match", condition)];
        await Envelope.AssertErrorAsync(
            await SendAsync(user, new(method), "one", body, more), 422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request.", Cancelled);
    }

    [Theory]
    [InlineData("""{ "value" : {"a":[1, 2],"b":{"c":1.50,"d":"x"}} , "metadata":{"m":1,"n":2} }""")]
    [InlineData("""{"metadata":{"m":1,"n":2},"value":{"a":[1,2],"b":{"c":1.50,"d":"x"}}}""")]
    [InlineData("""{"metadata":{"n":2,"m":1},"value":{"b":{"d":"x","c":1.50},"a":[1,2]}}""")]
    public async Task The_same_JSON_in_another_order_of_members_is_the_same_request(string again)
    {
        await user.StoreAsync("k", "1");
        var first = await SendAsync(user, HttpMethod.Put, "one", """{"value":{"a":[1,2],"b":{"c":1.50,"d":"x"}},"metadata":{"m":1,"n":2}}""");
        var second = await SendAsync(OnSecondReplica, HttpMethod.Put, "one", again);
        Assert.Equal((200, 200), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(2, (await RevisionsAsync()).Count);
    }

    [Theory]
    [InlineData("""{"value":{"a":[2,1],"b":{}}}""")]
    [InlineData("""{"value":{"a":[1,2],"b":[]}}""")]
    [InlineData("""{"value":{"a":[1,2,{}],"b":{}}}""")]
    [InlineData("""{"value":{"a":[1,[2]],"b":{}}}""")]
    [InlineData("""{"value":{"a":[1,2.0],"b":{}}}""")]
    [InlineData("""{"value":{"a":[1,"2"],"b":{}}}""")]
    [InlineData("""{"value":{"a":[1,2],"b":{},"c":1}}""")]
    [InlineData("""{"value":{"a":[1,2]},"b":{}}""")]
    [InlineData("""{"value":{"a":[12],"b":{}}}""")]
    public async Task Other_JSON_is_another_request(string other)
    {
        await user.StoreAsync("k", "1");
        Assert.Equal(200, (int)(await SendAsync(user, HttpMethod.Put, "one", """{"value":{"a":[1,2],"b":{}}}""")).StatusCode);
        Assert.Equal(422, (int)(await SendAsync(user, HttpMethod.Put, "one", other)).StatusCode);
    }

    [Theory]
    [InlineData("""{"delta":1,"delta":2}""", """{"delta":2,"delta":1}""")]
    [InlineData("""{"delta":1,"\u0064elta":2}""", """{"\u0064elta":2,"delta":1}""")]
    [InlineData("""{"delta":1,"x":{"a":1,"\u0061":2}}""", """{"delta":1,"x":{"\u0061":2,"a":1}}""")]
    public async Task Of_members_with_the_same_name_the_order_counts(string body, string other)
    {
        Assert.Equal(200, (int)(await AddAsync(body)).StatusCode);
        Assert.Equal(422, (int)(await AddAsync(other)).StatusCode);
    }

    [Theory]
    [InlineData(1_000, 200)]
    [InlineData(1_001, 422)]
    public async Task Of_more_than_a_thousand_members_the_order_counts(int count, int status)
    {
        await user.StoreAsync("k", "1");
        string[] members = [.. Enumerable.Range(0, count).Select(i => $"\"m{i}\":1")];
        Assert.Equal(200, (int)(await SendAsync(user, HttpMethod.Put, "one", Body(members))).StatusCode);
        Array.Reverse(members);
        Assert.Equal(status, (int)(await SendAsync(user, HttpMethod.Put, "one", Body(members))).StatusCode);

        static string Body(string[] members) => $$"""{"value":{ {{string.Join(',', members)}} },"x":1}""";
    }

    [Theory]
    [InlineData("PUT", 2, """{ "value" : {"b":1,"a":2} }""", """{"value":{"b":1,"a":2}}""")]
    [InlineData("DELETE", 3, null, null)]
    public async Task A_request_of_the_release_before_is_repeated_as_it_was_sent(
        string method, int outcome, string? body, string? other)
    {
        // That release stored the hash of the request as it was sent.
        var fingerprint = SHA256.HashData(Encoding.UTF8.GetBytes($"{method} /api/data/k\nIf-Match \"1\"\n{body}"));
        await world.ExecuteAsync(
            $"""
            INSERT INTO idempotency (owner, key, part, fingerprint, outcomes, revisions, results, created_at)
            VALUES (
                '{user.Subject}', 'one', 0, '\x{Convert.ToHexStringLower(fingerprint)}',
                ARRAY[{outcome}], ARRAY[42], ARRAY[NULL], now())
            """);
        (string, string) condition = ("If-Match", "\"1\"");

        Assert.Equal(200, (int)(await SendAsync(user, new(method), "one", body, condition)).StatusCode);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/k")).StatusCode);
        Assert.Equal(422, (int)(await SendAsync(user, new(method), "one", body)).StatusCode);
        if (other is not null)
            Assert.Equal(422, (int)(await SendAsync(user, new(method), "one", other, condition)).StatusCode);
    }

    [Theory]
    [InlineData("outcomes || outcomes", "revisions || revisions", "results || results")]
    [InlineData("'{}'", "'{}'", "'{}'")]
    public async Task A_record_with_another_number_of_outcomes_is_of_another_request(
        string outcomes, string revisions, string results)
    {
        await user.StoreAsync("k", "1");
        Assert.Equal(200, (int)(await SendAsync(user, HttpMethod.Put, "one", """{"value":2}""")).StatusCode);
        await world.ExecuteAsync(
            $"""
            UPDATE idempotency SET outcomes = {outcomes}, revisions = {revisions}, results = {results}
            WHERE owner = '{user.Subject}'
            """);

        Assert.Equal(422, (int)(await SendAsync(user, HttpMethod.Put, "one", """{"value":2}""")).StatusCode);
        Assert.Equal(2, (await RevisionsAsync()).Count);
    }

    [Fact]
    public async Task The_same_request_with_the_opposite_condition_is_another_request()
    {
        await user.StoreAsync("k", "1");
        Assert.Equal(412, (int)(await SendAsync(user, HttpMethod.Put, "one", """{"value":2}""", ("If-Match", "\"1\""))).StatusCode);
        Assert.Equal(422, (int)(await SendAsync(user, HttpMethod.Put, "one", """{"value":2}""", ("If-None-Match", "\"1\""))).StatusCode);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task An_invalid_idempotency_key_is_refused(string method)
    {
        await user.StoreAsync("k", "1");
        await Envelope.AssertErrorAsync(
            await SendAsync(user, new(method), new string('x', 256), method is "PUT" ? """{"value":2}""" : null), 400, "INVALID_REQUEST",
            "Invalid request. The Idempotency-Key must be 1 to 255 printable ASCII characters.", Cancelled);
    }

    [Fact]
    public async Task A_repeat_by_the_gateway_waits_for_the_running_request_and_one_by_a_client_does_not()
    {
        await user.StoreAsync("k", "1");
        await using var other = new NpgsqlConnection(world.Database);
        await other.OpenAsync(Cancelled);
        await using var underWay = await other.BeginTransactionAsync(Cancelled); // like another replica
        await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 27511))", other) { Parameters = { new() { Value = $"{user.Subject} one" } } };
        await take.ExecuteNonQueryAsync(Cancelled);

        await Envelope.AssertErrorAsync(
            await SendAsync(user, HttpMethod.Put, "one", """{"value":2}"""), 409, "IDEMPOTENCY_IN_PROGRESS",
            "A request with this Idempotency-Key is under way. Please try again later.", Cancelled);

        var again = SendAsync(user, HttpMethod.Put, "one", """{"value":2}""", ("X-Forwarded-Again", "1"));
        await Task.Delay(300, Cancelled);
        Assert.False(again.IsCompleted);
        await underWay.RollbackAsync(Cancelled);
        Assert.Equal(200, (int)(await again).StatusCode);
    }

    [Fact]
    public async Task A_peer_outside_of_the_trusted_networks_cannot_mark_its_request_as_one_that_the_gateway_repeats()
    {
        await user.StoreAsync("k", "1");
        await using var data = new DataService(world.Database, world.Cache, world.Issuer, settings: ("TrustedNetworks:0", "10.0.0.0/8"));
        await using var other = new NpgsqlConnection(world.Database);
        await other.OpenAsync(Cancelled);
        await using var underWay = await other.BeginTransactionAsync(Cancelled);
        await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 27511))", other) { Parameters = { new() { Value = $"{user.Subject} one" } } };
        await take.ExecuteNonQueryAsync(Cancelled);

        await Envelope.AssertErrorAsync(
            await SendAsync(data.As(user.Subject), HttpMethod.Put, "one", """{"value":2}""", ("X-Forwarded-Again", "1")), 409, "IDEMPOTENCY_IN_PROGRESS",
            "A request with this Idempotency-Key is under way. Please try again later.", Cancelled);
    }

    private static Task<HttpResponseMessage> SendAsync(User user, HttpMethod method, string once, string? body, params (string, string)[] headers) =>
        user.SendAsync(method, "/api/data/k", body is null ? null : User.Json(body), [("Idempotency-Key", once), .. headers]);

    private Task<HttpResponseMessage> AddAsync(string body) =>
        user.SendAsync(HttpMethod.Post, "/api/counters/k", User.Json(body), ("Idempotency-Key", "one"));

    private async Task<JsonArray> RevisionsAsync()
    {
        var answer = await user.GetAsync("/api/revisions?key=k");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["data"]!["revisions"]!.AsArray();
    }
}
