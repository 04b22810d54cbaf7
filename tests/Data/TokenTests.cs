using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The service validates each token itself.</summary>
public sealed class TokenTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Forgeries => [.. ForgedTokens.All];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_token_is_refused(string kind)
    {
        var user = world.Data.NewUser();
        await user.StoreAsync("k", "1");

        var forger = world.Data.WithToken(ForgedTokens.Forge(kind, world.Issuer, user.Subject));
        foreach (var response in await AllAsync(forger))
        {
            Assert.Equal("Bearer realm=\"kvaspire\", error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString());
            await AssertInvalidAsync(response);
        }
    }

    [Fact]
    public async Task The_token_that_all_forgeries_are_made_from_is_accepted()
    {
        var user = world.Data.NewUser();
        var honest = world.Data.WithToken(ForgedTokens.Valid(world.Issuer, user.Subject));
        Assert.Equal(201, (int)(await honest.PostAsync(User.Entry("k", "1"))).StatusCode);
        Assert.True(ForgedTokens.All.Count() >= 200);
    }

    [Theory]
    [InlineData("jti")]
    [InlineData("sid")]
    [InlineData("sub")]
    public async Task A_revoked_token_is_refused_within_5_seconds(string kind)
    {
        var subject = $"user-{Guid.NewGuid():N}";
        var description = world.Issuer.Describe(subject);
        description.IssuedAt = description.IssuedAt!.Value.AddSeconds(-2);
        (description.Claims["sid"], description.Claims["jti"]) = ($"s-{subject}", $"t-{subject}");
        var revoked = world.Data.WithToken(TestIssuer.Sign(description), subject);
        await revoked.StoreAsync("k", "1");

        world.Issuer.Revoke(kind, kind switch { "jti" => $"t-{subject}", "sid" => $"s-{subject}", _ => subject });

        var clock = System.Diagnostics.Stopwatch.StartNew();
        while ((int)(await revoked.GetAsync("/api/data/k")).StatusCode == 200)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "The token still works.");
            await Task.Delay(50, Cancelled);
        }

        await AssertInvalidAsync(await revoked.GetAsync("/api/data/k"));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        foreach (var response in await AllAsync(world.Data.WithToken(null)))
        {
            Assert.Equal("Bearer realm=\"kvaspire\"", response.Headers.WwwAuthenticate.ToString());
            await AssertInvalidAsync(response);
        }
    }

    [Fact]
    public async Task A_token_without_a_subject_is_refused()
    {
        var token = world.Issuer.Describe("");
        token.Claims.Remove("sub");

        foreach (var user in new[] { world.Data.WithToken(TestIssuer.Sign(token)), world.Data.As("") })
            await AssertInvalidAsync(await user.GetAsync("/api/data/k"));
    }

    [Fact]
    public async Task Reads_need_the_scope_kv_read_and_writes_kv_write()
    {
        var user = world.Data.NewUser();
        await user.StoreAsync("k", "1");
        var reader = world.Data.As(user.Subject, "kv:read");
        var writer = world.Data.As(user.Subject, "kv:write");

        Assert.Equal(200, (int)(await reader.GetAsync("/api/data/k")).StatusCode);
        await AssertInsufficientAsync(await reader.PostAsync(User.Entry("l", "1")), "kv:write");
        await AssertInsufficientAsync(await reader.PutAsync("/api/data/k", """{"value":1}"""), "kv:write");
        await AssertInsufficientAsync(await reader.DeleteAsync("/api/data/k"), "kv:write");
        await AssertInsufficientAsync(await writer.GetAsync("/api/data/k"), "kv:read");
        await AssertInsufficientAsync(await world.Data.As(user.Subject, "").GetAsync("/api/data/k"), "kv:read");
        await AssertInsufficientAsync(await world.Data.As(user.Subject, "kv:readwrite openid").GetAsync("/api/data/k"), "kv:read");
        Assert.Equal(200, (int)(await writer.DeleteAsync("/api/data/k")).StatusCode);
    }

    [Fact]
    public async Task Bulk_returns_values_only_to_a_token_that_grants_reads()
    {
        const string Refused = "\"status\":403,\"code\":\"INSUFFICIENT_SCOPE\",\"message\":\"The access token does not grant what this request needs.\"";
        var user = world.Data.NewUser();
        await user.StoreAsync("k", "1");
        var writer = world.Data.As(user.Subject, "kv:write");

        // It does not tell whether the key exists, either.
        var refused = await writer.SendAsync(HttpMethod.Post, "/api/bulk", User.Json("""{"operations":[{"op":"get","key":"k"},{"op":"get","key":"none"},{"op":"delete","key":"k"}]}"""));
        Assert.StartsWith(
            $$$"""{"status":"success","data":{"results":[{"key":"k",{{{Refused}}}},{"key":"none",{{{Refused}}}},{"key":"k","status":200,"revision":""",
            await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bulk_reads_need_only_the_scope_kv_read_and_bulk_writes_only_kv_write()
    {
        const string Refused = "\"status\":403,\"code\":\"INSUFFICIENT_SCOPE\",\"message\":\"The access token does not grant what this request needs.\"";
        var user = world.Data.NewUser();
        var revision = (await user.StoreAsync("k", "1")).Headers.ETag!.Tag.Trim('"');
        var reader = world.Data.As(user.Subject, "kv:read");

        var answer = await reader.SendAsync(HttpMethod.Post, "/api/bulk", User.Json(
            """{"operations":[{"op":"get","key":"k"},{"op":"put","key":"k","value":2},{"op":"create","key":"l","value":2},{"op":"delete","key":"k"},{"op":"get","key":"k"}]}"""));
        var read = $$"""{"key":"k","status":200,"revision":{{revision}},"value":1}""";
        Assert.Equal(
            $$$"""{"status":"success","data":{"results":[{{{read}}},{"key":"k",{{{Refused}}}},{"key":"l",{{{Refused}}}},{"key":"k",{{{Refused}}}},{{{read}}}]}}""",
            await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(403, (int)(await world.Data.As(user.Subject, "").SendAsync(HttpMethod.Post, "/api/bulk", User.Json("""{"operations":[{"op":"get","key":"k"}]}"""))).StatusCode);
    }

    [Fact]
    public async Task A_transaction_returns_no_stored_value_to_a_token_that_only_writes()
    {
        var user = world.Data.NewUser();
        var revision = (await user.StoreAsync("k", "1")).Headers.ETag!.Tag.Trim('"');
        var writer = world.Data.As(user.Subject, "kv:write");

        var reading = await writer.SendAsync(HttpMethod.Post, "/api/txn", User.Json("""{"operations":[{"op":"put","key":"l","value":2},{"op":"get","key":"k"}]}"""));
        await Envelope.AssertErrorAsync(
            reading, 403, "INSUFFICIENT_SCOPE", "operations[1]: The access token does not grant what this request needs.", Cancelled);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/l")).StatusCode);

        var checking = await writer.SendAsync(HttpMethod.Post, "/api/txn", User.Json($$"""{"checks":[{"key":"k","revision":{{revision}}}],"operations":[{"op":"delete","key":"k"}]}"""));
        await Envelope.AssertErrorAsync(
            checking, 403, "INSUFFICIENT_SCOPE", "checks[0]: The access token does not grant what this request needs.", Cancelled);
        Assert.Equal(200, (int)(await user.GetAsync("/api/data/k")).StatusCode);
    }

    private static async Task<HttpResponseMessage[]> AllAsync(User user) =>
    [
        await user.GetAsync("/api/data/k"),
        await user.PostAsync(User.Entry("new", "1")),
        await user.PutAsync("/api/data?key=k", """{"value":2}"""),
        await user.DeleteAsync("/api/data/k"),
    ];

    private static async Task AssertInvalidAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);

    private static async Task AssertInsufficientAsync(HttpResponseMessage response, string needed)
    {
        Assert.Equal(
            $"Bearer realm=\"kvaspire\", error=\"insufficient_scope\", scope=\"{needed}\"", response.Headers.WwwAuthenticate.ToString());
        await Envelope.AssertErrorAsync(
            response, 403, "INSUFFICIENT_SCOPE", "The access token does not grant what this request needs.", Cancelled);
    }
}
