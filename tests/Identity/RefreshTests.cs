using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

public sealed class RefreshTests(IdentityFixture identity)
{
    private const string NotValid = "Invalid credentials. The provided refresh token is not valid.";

    private const string NoToken = "MISSING_FIELDS: Missing fields. Please provide refresh_token.";
    private const string NoGrant = "INVALID_REQUEST: Invalid request. grant_type must be password or refresh_token.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refresh_returns_a_new_access_and_refresh_token_of_the_same_session()
    {
        var (access, refresh) = await SignInAsync();

        using var response = await RefreshAsync(refresh);
        var data = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!;
        var (nextAccess, nextRefresh) = (data["access_token"]!.GetValue<string>(), data["refresh_token"]!.GetValue<string>());
        await Envelope.AssertBodyAsync(response, 200, $$$"""{"status":"success","message":"Access token generated successfully.","data":{"access_token":"{{{nextAccess}}}","expires_in":3600,"token_type":"Bearer","refresh_token":"{{{nextRefresh}}}","scope":"kv:read kv:write kv:account"}}""", Cancelled);

        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.NotEqual(refresh, nextRefresh);
        Assert.Equal(Sid(access), Sid(nextAccess));
        Assert.NotEqual(new JsonWebToken(access).Id, new JsonWebToken(nextAccess).Id);
    }

    [Fact]
    public async Task Repeated_refresh_within_the_grace_returns_the_same_successor()
    {
        var (_, refresh) = await SignInAsync();
        var first = await NextAsync(refresh);
        Assert.Equal(first, await NextAsync(refresh));

        // Once the successor was used, its predecessor is refused, but no theft is assumed yet.
        Assert.NotEqual(first, await NextAsync(first));
        await AssertRefusedAsync(refresh);
        Assert.NotEmpty(await NextAsync(first));
    }

    [Fact]
    public async Task Concurrent_refreshes_of_one_token_continue_one_family()
    {
        var (access, refresh) = await SignInAsync();

        var successors = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => NextAsync(refresh)));

        Assert.Single(successors.Distinct());
        Assert.Equal(["1|1"], await QueryAsync(
            $"SELECT count(DISTINCT session_id), count(*) FROM refresh_tokens WHERE used_at IS NULL AND session_id = '{Sid(access)}'"));
        Assert.Equal(["1"], await QueryAsync($"SELECT count(*) FROM sessions WHERE user_id = '{new JsonWebToken(access).Subject}'"));
    }

    [Fact]
    public async Task Replay_after_the_grace_ends_the_family_for_the_thief_and_for_the_victim()
    {
        var (access, stolen) = await SignInAsync();
        var next = await NextAsync(stolen);
        await QueryAsync($"UPDATE refresh_tokens SET used_at = used_at - interval '31 seconds' WHERE session_id = '{Sid(access)}' AND used_at IS NOT NULL");

        await AssertRefusedAsync(stolen);
        await AssertRefusedAsync(next);

        using var client = identity.Service.ClientWith(access);
        using var account = await client.GetAsync("/api/account/sessions", Cancelled);
        await Envelope.AssertErrorAsync(account, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
        Assert.Equal(["token.refresh_reused|failure"], await QueryAsync(
            $"SELECT kind, outcome FROM audit_events WHERE subject = '{new JsonWebToken(access).Subject}' AND kind LIKE 'token.%'"));
        Assert.Contains(Sid(access), await identity.Client.GetStringAsync("/internal/revocations?after=0", Cancelled), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Parties => new()
    {
        { "198.51.100.1", "agent", "address" },
        { "203.0.113.1", "another agent", "user_agent" },
        { "198.51.100.1", "another agent", "address" },
        { "2001:db8::1", "agent", "address" },
    };

    [Theory]
    [MemberData(nameof(Parties))]
    public async Task Two_parties_that_present_one_token_and_then_its_successor_lose_the_family(string address, string agent, string differs)
    {
        var (access, stolen) = await SignInAsync();
        using HttpClient thief = PartyOf("203.0.113.1", "agent"), victim = PartyOf(address, agent);

        // Both get the same successor: the second one may be the client that got no answer, on another network.
        var shared = await NextAsync(stolen, thief);
        Assert.Equal(shared, await NextAsync(stolen, victim));
        Assert.Equal(shared, await NextAsync(stolen, victim));
        Assert.Equal([$"token.refresh_repeated|success|{differs}"], await AuditAsync(access));

        // Both present the successor.
        var last = await NextAsync(shared, thief);
        await AssertRefusedAsync(shared, victim);
        await AssertRefusedAsync(last, thief);
        Assert.Equal(["0"], await QueryAsync($"SELECT count(*) FROM sessions WHERE id = '{Sid(access)}'"));
        Assert.Equal([$"token.refresh_repeated|success|{differs}", "token.refresh_reused|failure|"], await AuditAsync(access));
        using var client = identity.Service.ClientWith(access);
        using var account = await client.GetAsync("/api/account/sessions", Cancelled);
        await Envelope.AssertErrorAsync(account, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
    }

    [Fact]
    public async Task Second_party_that_presents_a_token_whose_successor_was_used_ends_the_family()
    {
        var (access, stolen) = await SignInAsync();
        using HttpClient thief = PartyOf("203.0.113.1", "agent"), victim = PartyOf("198.51.100.1", "agent");
        var last = await NextAsync(await NextAsync(stolen, thief), thief);

        await AssertRefusedAsync(stolen, victim);
        await AssertRefusedAsync(last, thief);
        Assert.Equal(["token.refresh_reused|failure|"], await AuditAsync(access));
    }

    [Fact]
    public async Task Client_that_changes_its_network_once_keeps_its_family()
    {
        var (access, refresh) = await SignInAsync();
        using HttpClient before = PartyOf("203.0.113.1", "agent"), after = PartyOf("198.51.100.1", "agent");
        await NextAsync(refresh, before);
        var second = await NextAsync(refresh, after);
        var third = await NextAsync(second, after);
        Assert.Equal(third, await NextAsync(second, after));

        Assert.NotEmpty(await NextAsync(third, after));
        Assert.Equal(["token.refresh_repeated|success|address"], await AuditAsync(access));
    }

    [Fact]
    public async Task Used_token_that_another_client_presents_ends_the_family_and_an_unused_one_does_not()
    {
        var (access, refresh) = await SignInAsync();
        await AssertInvalidGrantAsync(refresh);
        var next = await NextAsync(refresh);
        await AssertInvalidGrantAsync(refresh);

        await AssertRefusedAsync(next);
        Assert.Equal(["token.refresh_reused|failure|"], await AuditAsync(access));

        async Task AssertInvalidGrantAsync(string token)
        {
            using var response = await identity.Client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token",
                ["refresh_token"] = token,
                ["client_id"] = "own-client",
                ["client_secret"] = IdentityService.ClientSecret,
            }), Cancelled);
            Assert.StartsWith("""{"error":"invalid_grant",""", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Session_ends_after_its_idle_lifetime()
    {
        var (access, refresh) = await SignInAsync();
        await QueryAsync($"UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = '{Sid(access)}'");
        await AssertRefusedAsync(refresh);
    }

    [Fact]
    public async Task Each_refresh_extends_the_session_up_to_its_absolute_end()
    {
        var (access, refresh) = await SignInAsync();
        await QueryAsync($"UPDATE sessions SET ends_at = now() + interval '1 day' WHERE id = '{Sid(access)}'");
        await NextAsync(refresh);
        Assert.Equal(["True"], await QueryAsync($"SELECT expires_at = ends_at FROM sessions WHERE id = '{Sid(access)}'"));
    }

    [Fact]
    public async Task No_refresh_token_is_stored_in_clear()
    {
        var (_, refresh) = await SignInAsync();
        Assert.Equal(["0"], await QueryAsync(
            $"SELECT count(*) FROM refresh_tokens WHERE encode(hash, 'escape') LIKE '%{refresh}%' OR refresh_tokens::text LIKE '%{refresh}%'"));
    }

    [Fact]
    public async Task A_session_keeps_its_newest_used_tokens()
    {
        var (access, refresh) = await SignInAsync();
        await QueryAsync(
            $"INSERT INTO refresh_tokens (hash, session_id, used_at) SELECT sha256(convert_to('{Sid(access)}' || n, 'UTF8')), '{Sid(access)}', now() - n * interval '1 second' FROM generate_series(1, 2510) AS n");

        await using var scope = identity.Service.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SessionStore>().SweepAsync(Cancelled);

        Assert.Equal(["2501|1|True"], await QueryAsync(
            $"SELECT count(*), count(*) FILTER (WHERE used_at IS NULL), max(used_at) - min(used_at) = interval '2499 seconds' FROM refresh_tokens WHERE session_id = '{Sid(access)}'"));
        Assert.NotEmpty(await NextAsync(refresh));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u0000")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u00e9")]
    public Task Text_that_is_no_refresh_token_is_refused(string token) => AssertRefusedAsync(token);

    [Theory]
    [InlineData("""{"grant_type":"refresh_token"}""", NoToken, """{"refresh_token":["This field is required."]}""")]
    [InlineData("""{"grant_type":"refresh_token","refresh_token":""}""", NoToken, """{"refresh_token":["This field is required."]}""")]
    [InlineData("""{"grant_type":"refresh_token","refresh_token":1}""", NoToken, """{"refresh_token":["This field must be a string of well-formed text."]}""")]
    [InlineData("""{"refresh_token":"x"}""", "MISSING_FIELDS: Missing fields. Please provide grant_type refresh_token.", """{"grant_type":["This field is required."]}""")]
    [InlineData("""{"grant_type":"client_credentials"}""", NoGrant, """{"grant_type":["This field must be password or refresh_token."]}""")]
    [InlineData("""{"grant_type":1}""", NoGrant, """{"grant_type":["This field must be password or refresh_token."]}""")]
    public async Task Incomplete_request_is_refused_with_the_missing_field(string json, string error, string errors)
    {
        using var response = await identity.Client.PostAsync("/api/token", Person.Json(JsonNode.Parse(json)!), Cancelled);
        await Envelope.AssertErrorAsync(response, 400, error.Split(": ")[0], error.Split(": ")[1], Cancelled, errors);
    }

    [Theory]
    [InlineData("", "grant_type is missing.")]
    [InlineData("refresh_token=x", "grant_type is missing.")]
    [InlineData("grant_type=refresh_token", "refresh_token is missing.")]
    [InlineData("grant_type=password&password=x", "username is missing.")]
    [InlineData("grant_type=password&username=x", "password is missing.")]
    public async Task Incomplete_form_is_refused_with_the_missing_parameter(string form, string description)
    {
        using var content = new StringContent(form, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await identity.Client.PostAsync("/connect/token", content, Cancelled);
        await Envelope.AssertOAuthErrorAsync(response, 400, "invalid_request", description, Cancelled);
    }

    private static string Sid(string accessToken) => new JsonWebToken(accessToken).GetClaim("sid").Value;

    private async Task<(string Access, string Refresh)> SignInAsync()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        return await person.BeginSessionAsync(identity.Client, Cancelled);
    }

    private HttpClient PartyOf(string address, string agent)
    {
        var client = identity.Service.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        client.DefaultRequestHeaders.Add("User-Agent", agent);
        return client;
    }

    private Task<IReadOnlyList<string>> AuditAsync(string access) => QueryAsync(
        $"SELECT kind, outcome, coalesce(details->>'differs', '') FROM audit_events WHERE subject = '{new JsonWebToken(access).Subject}' AND kind LIKE 'token.%' ORDER BY id");

    private Task<HttpResponseMessage> RefreshAsync(string token, HttpClient? client = null) => (client ?? identity.Client).PostAsync(
        "/api/token", Person.Json(new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = token }), Cancelled);

    private async Task<string> NextAsync(string token, HttpClient? client = null)
    {
        using var response = await RefreshAsync(token, client);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["refresh_token"]!.GetValue<string>();
    }

    private async Task AssertRefusedAsync(string token, HttpClient? client = null)
    {
        using var response = await RefreshAsync(token, client);
        await Envelope.AssertErrorAsync(response, 401, "INVALID_CREDENTIALS", NotValid, Cancelled);
    }

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => IdentityFixture.QueryAsync(identity.Service.Database, sql, Cancelled);
}
