using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary><c>Prefer: handling=strict</c> (RFC 7240): unknown members are an error.</summary>
public sealed class StrictHandlingTests(World world)
{
    private const string Strict = "handling=strict";

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/api/data", """{"key":"k","value":1,"ttl":60}""", "ttl")]
    [InlineData("POST", "/api/data", """{"key":"k","value":1,"Value":2}""", "Value")]
    [InlineData("POST", "/api/data", """{"a\u0062":1,"key":"k","value":1}""", "ab")]
    [InlineData("PUT", "/api/data/k?upsert=true", """{"value":1,"ttl":60}""", "ttl")]
    [InlineData("PUT", "/api/data?key=k&upsert=true", """{"key":"k","value":1}""", "key")]
    [InlineData("POST", "/api/counters/k", """{"delta":1,"by":2}""", "by")]
    [InlineData("POST", "/api/bulk", """{"operations":[{"op":"put","key":"k","value":1},{"op":"put","key":"k","value":1,"ttl":2}]}""", "operations[1].ttl")]
    [InlineData("POST", "/api/bulk", """{"operations":[{"op":"put","key":"k","value":1}],"atomic":true}""", "atomic")]
    [InlineData("POST", "/api/txn", """{"checks":[{"key":"k","exists":false,"value":1}],"operations":[{"op":"put","key":"k","value":1}]}""", "checks[0].value")]
    [InlineData("POST", "/api/revisions/restore", """{"key":"k","revision":1,"ttl":1}""", "ttl")]
    public async Task An_unknown_member_is_named_and_nothing_is_stored(string method, string target, string body, string member)
    {
        var refused = await user.SendAsync(new(method), target, User.Json(body), ("Prefer", Strict));
        Assert.Equal(Strict, refused.Headers.GetValues("Preference-Applied").Single());
        await Envelope.AssertErrorAsync(refused, 400, "INVALID_REQUEST", $"Invalid request. Unknown members: {member}.", Cancelled,
            $$"""{"{{member}}":["This member is unknown."]}""");
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/k")).StatusCode);
    }

    [Theory]
    [InlineData("POST", "/api/data", """{"key":"k","value":{"ttl":60},"metadata":{"any":{"thing":1}},"ttl_seconds":60}""")]
    [InlineData("POST", "/api/data", """{"key":"k","value":{"\ud800":60},"expires_at":"2099-01-01T00:00:00Z"}""")]
    [InlineData("POST", "/api/counters/k", """{"delta":1}""")]
    [InlineData("POST", "/api/bulk", """{"operations":[{"op":"put","key":"k","value":[{"a":1}],"metadata":{"b":1},"ttl_seconds":null,"if_match":null}]}""")]
    [InlineData("POST", "/api/txn", """{"checks":[{"key":"k","exists":false}],"operations":[{"op":"create","key":"k","value":{"c":1}}]}""")]
    public async Task Known_members_are_accepted_and_values_have_any(string method, string target, string body)
    {
        var response = await user.SendAsync(new(method), target, User.Json(body), ("Prefer", Strict));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(Strict, response.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal(200, (int)(await user.GetAsync("/api/data/k")).StatusCode);
    }

    [Theory]
    [InlineData("HANDLING = \"Strict\" ; x=1", true)]
    [InlineData("respond-async, wait=10, handling=strict", true)]
    [InlineData("handling=strict, handling=lenient", true)]
    [InlineData("handling=lenient, handling=strict", false)]
    [InlineData("handling=lenient", false)]
    [InlineData("handling", false)]
    [InlineData("strict", false)]
    [InlineData("x;handling=strict", false)]
    [InlineData(",;=,", false)]
    [InlineData("", false)]
    public async Task A_preference_is_read_as_RFC_7240_says(string prefer, bool isStrict)
    {
        var response = await user.SendAsync(HttpMethod.Post, "/api/data", User.Json("""{"key":"k","value":1,"ttl":60}"""), ("Prefer", prefer));
        Assert.Equal((isStrict ? 400 : 201, isStrict), ((int)response.StatusCode, response.Headers.Contains("Preference-Applied")));
    }

    [Fact]
    public async Task A_hostile_body_has_a_short_error()
    {
        var members = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"m{i}\":1"));
        var refused = await user.SendAsync(HttpMethod.Post, "/api/data", User.Json($"{{{members}}}"), ("Prefer", Strict));
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.InRange((await refused.Content.ReadAsStringAsync(Cancelled)).Length, 100, 2_000);
    }
}
