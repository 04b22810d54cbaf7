using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class SessionTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_lists_the_sessions_with_the_current_one_marked()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var older = await person.SignInAsync(identity.Client, Cancelled);
        using var client = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));

        var items = (await client.GetFromJsonAsync<JsonNode>("/api/account/sessions", Cancelled))!["data"]!["items"]!.AsArray();

        Assert.Equal([true, false], items.Select(item => item!["current"]!.GetValue<bool>()));
        Assert.Equal(Sid(older), items[1]!["session_id"]!.GetValue<string>());
        Assert.Equal("kvaspire|kv:read kv:write kv:account", $"{items[1]!["client_id"]}|{items[1]!["scope"]}");
    }

    [Fact]
    public async Task Ended_session_is_refused_and_the_others_continue()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var (lost, lostRefresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        using var client = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));

        using var ended = await client.DeleteAsync($"/api/account/sessions/{Sid(lost)}", Cancelled);
        await Envelope.AssertBodyAsync(ended, 200, """{"status":"success","message":"Session ended successfully."}""", Cancelled);

        await AssertEndedAsync(lost);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(lostRefresh)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/account/sessions", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"/api/account/sessions/{Sid(lost)}", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Another_users_session_is_not_found()
    {
        var (victim, attacker) = (Person.New(), Person.New());
        await victim.RegisterAsync(identity.Client, Cancelled);
        await attacker.RegisterAsync(identity.Client, Cancelled);
        var victims = await victim.SignInAsync(identity.Client, Cancelled);
        using var client = identity.Service.ClientWith(await attacker.SignInAsync(identity.Client, Cancelled));

        foreach (var id in new[] { Sid(victims), "x", Guid.NewGuid().ToString() })
        {
            using var response = await client.DeleteAsync($"/api/account/sessions/{id}", Cancelled);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        using var unharmed = identity.Service.ClientWith(victims);
        Assert.Equal(HttpStatusCode.OK, (await unharmed.GetAsync("/api/account/sessions", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_on_every_replica_within_5_seconds()
    {
        await using var replica = IdentityService.Start(identity.Service.Database);
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        using var here = identity.Service.ClientWith(access);
        using var there = replica.ClientWith(access);
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/api/account/sessions", Cancelled)).StatusCode);

        using var signedOut = await here.PostAsync("/api/logout", null, Cancelled);
        await Envelope.AssertBodyAsync(signedOut, 200, """{"status":"success","message":"Signed out successfully."}""", Cancelled);
        var clock = Stopwatch.StartNew();

        await AssertEndedAsync(access);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(refresh)).StatusCode);
        while ((await there.GetAsync("/api/account/sessions", Cancelled)).StatusCode is HttpStatusCode.OK)
            await Task.Delay(50, Cancelled);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_session_beyond_the_limit_ends_the_oldest_one_with_its_tokens()
    {
        await using var quick = new QuickIdentity(identity.Service.Database, services => services.Configure<Sessions.SessionOptions>(sessions => sessions.MaxPerUser = 3));
        var (person, other) = (Person.New(), Person.New());
        await person.RegisterAsync(quick.Client, Cancelled);
        await other.RegisterAsync(quick.Client, Cancelled);
        var others = await other.BeginSessionAsync(quick.Client, Cancelled);
        var sessions = new List<(string Access, string Refresh)>();
        for (var number = 0; number < 3; number++)
            sessions.Add(await person.BeginSessionAsync(quick.Client, Cancelled));
        foreach (var (access, _) in sessions)
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(quick.ClientWith(access)));

        // The use of a session makes no difference.
        using var renewed = await RefreshAsync(sessions[0].Refresh);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        var successor = (await renewed.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
        Person.RefreshTokens.Add(successor["refresh_token"]!.GetValue<string>());
        sessions.Add(await person.BeginSessionAsync(quick.Client, Cancelled));

        foreach (var access in new[] { sessions[0].Access, successor["access_token"]!.GetValue<string>() })
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(quick.ClientWith(access)));
        foreach (var refresh in new[] { sessions[0].Refresh, successor["refresh_token"]!.GetValue<string>() })
            Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(refresh)).StatusCode);
        foreach (var (access, refresh) in sessions.Skip(1).Append(others))
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(quick.ClientWith(access)));
            Assert.Equal(HttpStatusCode.OK, (await RefreshAsync(refresh)).StatusCode);
        }

        // The other replica refuses it as well.
        for (var began = TimeProvider.System.GetTimestamp(); await StatusAsync(identity.Service.ClientWith(sessions[0].Access)) is not HttpStatusCode.Unauthorized; await Task.Delay(50, Cancelled))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5), "The access token still works.");

        static async Task<HttpStatusCode> StatusAsync(HttpClient client)
        {
            using (client)
            using (var answer = await client.GetAsync("/api/account/sessions", Cancelled))
                return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Feed_misses_no_revocation_that_commits_out_of_order()
    {
        await using var slow = new NpgsqlConnection(identity.Service.Database);
        await slow.OpenAsync(Cancelled);
        await using var transaction = await slow.BeginTransactionAsync(Cancelled);
        var (early, late) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        await InsertAsync(slow, early); // has its number and transaction id, and is not visible yet
        await IdentityFixture.QueryAsync(identity.Service.Database, Insert(late), Cancelled);

        var first = await FeedAsync("0");
        Assert.Contains(late, Values(first));
        Assert.DoesNotContain(early, Values(first));

        await transaction.CommitAsync(Cancelled);
        var second = await FeedAsync(first["cursor"]!.GetValue<string>());
        Assert.Contains(early, Values(second));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    public async Task Feed_starts_from_the_beginning_at_an_invalid_cursor(string cursor)
    {
        var value = Guid.NewGuid().ToString();
        await IdentityFixture.QueryAsync(identity.Service.Database, Insert(value), Cancelled);
        Assert.Contains(value, Values(await FeedAsync(cursor)));
    }

    private static string Sid(string accessToken) => new JsonWebToken(accessToken).GetClaim("sid").Value;

    private static string Insert(string value) =>
        $"INSERT INTO revocations (kind, value, until) VALUES ('jti', '{value}', now() + interval '1 hour')";

    private static async Task InsertAsync(NpgsqlConnection connection, string value)
    {
        await using var command = new NpgsqlCommand(Insert(value), connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static List<string> Values(JsonNode page) => [.. page["revocations"]!.AsArray().Select(revocation => revocation!["value"]!.GetValue<string>())];

    private async Task<JsonNode> FeedAsync(string cursor) =>
        (await identity.Client.GetFromJsonAsync<JsonNode>($"/internal/revocations?after={cursor}", Cancelled))!;

    private Task<HttpResponseMessage> RefreshAsync(string token) => identity.Client.PostAsync(
        "/api/token", Person.Json(new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = token }), Cancelled);

    private async Task AssertEndedAsync(string accessToken)
    {
        using var client = identity.Service.ClientWith(accessToken);
        using var response = await client.GetAsync("/api/account/sessions", Cancelled);
        await Envelope.AssertErrorAsync(response, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
    }
}
