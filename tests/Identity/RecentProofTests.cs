using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace KvAspire.Identity.Tests;

/// <summary>Changes that outlive a stolen token need a recent sign-in or the password.</summary>
public sealed class RecentProofTests(IdentityFixture identity)
{
    private const string WrongPassword = "The provided password is incorrect.";

    private static readonly string[] Read = ["kv:read"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // The method, the path, the body without a proof, the member for the password, and the status of success.
    public static TheoryData<string, string, string, string, int> Operations => new()
    {
        { "POST", "/api/keys", """{"name":"ci","scopes":["kv:read"]}""", "current_password", 201 },
        { "PATCH", "/api/account", """{"email":"EMAIL"}""", "current_password", 200 },
        { "PATCH", "/api/account", """{"email":"EMAIL","age":31}""", "current_password", 200 },
        { "POST", "/api/account/password", """{"new_password":"another_long_passphrase"}""", "old_password", 200 },
        { "DELETE", "/api/account", "{}", "password", 202 },
    };

    [Theory, MemberData(nameof(Operations))]
    public async Task After_an_old_sign_in_the_request_needs_the_password(string method, string path, string body, string member, int success)
    {
        var (person, client) = await SignedInAsync(secondsAgo: 310);
        var json = Body(body);

        using var unproven = await SendAsync(client, method, path, json);
        Assert.Equal(
            $$"""{"{{member}}":["This field is required, because the sign-in was more than 300 seconds ago."]}""",
            JsonNode.Parse(await unproven.Content.ReadAsStringAsync(Cancelled))!["errors"]?.ToJsonString());
        await AssertRequiredAsync(unproven);

        foreach (var no in new JsonNode?[] { "", 1, true, new JsonArray() })
            await AssertCodeAsync(await SendAsync(client, method, path, With(json, member, no)), 400, "MISSING_FIELDS");
        using var wrong = await SendAsync(client, method, path, With(json, member, "a wrong password"));
        await Envelope.AssertErrorAsync(wrong, 403, "WRONG_PASSWORD", WrongPassword, Cancelled);

        using var proven = await SendAsync(client, method, path, With(json, member, person.Password));
        Assert.True((int)proven.StatusCode == success, await proven.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task After_a_recent_sign_in_the_request_needs_no_password_and_still_no_wrong_one(
        string method, string path, string body, string member, int success)
    {
        var (_, client) = await SignedInAsync(secondsAgo: 290);
        var json = Body(body);
        using var wrong = await SendAsync(client, method, path, With(json, member, "a wrong password"));
        await Envelope.AssertErrorAsync(wrong, 403, "WRONG_PASSWORD", WrongPassword, Cancelled);

        using var recent = await SendAsync(client, method, path, json);
        Assert.True((int)recent.StatusCode == success, await recent.Content.ReadAsStringAsync(Cancelled));
    }

    // The clock of the replica that signed the user in may be ahead.
    [Fact]
    public async Task Without_a_time_for_recent_sign_ins_even_one_in_the_future_needs_the_password()
    {
        await using var service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled), settings: ("Sessions:RecentSignIn", "00:00:00"));
        var (_, client) = await SignedInAsync(service, secondsAgo: -60);
        using var unproven = await SendAsync(client, "POST", "/api/keys", Body("""{"name":"ci","scopes":["kv:read"]}"""));
        await AssertRequiredAsync(unproven);
    }

    [Theory]
    [InlineData("POST", "/api/keys", """{"name":"ci","scopes":["kv:read"]}""", "current_password")]
    [InlineData("PATCH", "/api/account", """{"email":"EMAIL"}""", "current_password")]
    [InlineData("POST", "/api/account/password", """{"new_password":"another_long_passphrase"}""", "old_password")]
    [InlineData("DELETE", "/api/account", "{}", "password")]
    public async Task Proof_from_before_a_new_password_changes_nothing(string method, string path, string body, string member)
    {
        var (person, client) = await SignedInAsync(secondsAgo: 310);
        await using var postgres = NpgsqlDataSource.Create(identity.Service.Database);
        await using var changer = await postgres.OpenConnectionAsync(Cancelled);
        await using var change = await changer.BeginTransactionAsync(Cancelled);
        await using (var renew = new NpgsqlCommand($"UPDATE users SET security_stamp = 'of a new password' WHERE user_name = '{person.Username}'", changer))
            Assert.Equal(1, await renew.ExecuteNonQueryAsync(Cancelled));

        var request = SendAsync(client, method, path, With(Body(body), member, person.Password));
        await identity.WaitUntilHeldUpAsync(changer, request, Cancelled);
        await change.CommitAsync(Cancelled);
        using var refused = await request;
        await Envelope.AssertErrorAsync(refused, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
    }

    [Theory]
    [InlineData("PATCH", "/api/account", """{"full_name":"Jane Doe"}""")]
    [InlineData("GET", "/api/account", null)]
    [InlineData("GET", "/api/keys", null)]
    [InlineData("GET", "/api/account/sessions", null)]
    public async Task After_an_old_sign_in_other_requests_need_no_password(string method, string path, string? body)
    {
        var (_, client) = await SignedInAsync(secondsAgo: 310);
        using var response = await SendAsync(client, method, path, body is null ? null : JsonNode.Parse(body)!.AsObject());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Wrong_password_counts_as_a_failed_sign_in()
    {
        var (person, client) = await SignedInAsync(secondsAgo: 310);
        var json = Body("""{"name":"ci","scopes":["kv:read"]}""");
        for (var attempt = 0; attempt < 5; attempt++)
            await AssertCodeAsync(await SendAsync(client, "POST", "/api/keys", With(json, "current_password", "a wrong password")), 403, "WRONG_PASSWORD");

        await AssertCodeAsync(await SendAsync(client, "POST", "/api/keys", With(json, "current_password", person.Password)), 403, "WRONG_PASSWORD");
        await AssertCodeAsync(await identity.Client.PostAsync("/api/token", Person.Json(person.Credentials), Cancelled), 401, "INVALID_CREDENTIALS");
    }

    // A session of the release before has no auth_time. It began with its sign-in.
    [Fact]
    public async Task Session_of_the_release_before_counts_from_its_beginning()
    {
        var (_, client) = await SignedInAsync(secondsAgo: null, ", created_at = now() - interval '310 seconds'");
        using var unproven = await SendAsync(client, "POST", "/api/keys", Body("""{"name":"ci","scopes":["kv:read"]}"""));
        await AssertRequiredAsync(unproven);
    }

    [Theory]
    [InlineData(null, 2, true)]
    [InlineData("false", 2, true)]
    [InlineData("true", 0, false)]
    public async Task New_password_ends_the_API_keys_unless_they_are_kept_and_tells_how_many(string? keep, int ended, bool endsKeys)
    {
        var (person, client) = await SignedInAsync(secondsAgo: 0);
        await person.SignInAsync(identity.Client, Cancelled);
        string[] keys = [await CreateKeyAsync(client), await CreateKeyAsync(client)];

        var body = With(Body("""{"new_password":"another_long_passphrase"}"""), "keep_api_keys", keep is null ? null : JsonNode.Parse(keep));
        using var changed = await SendAsync(client, "POST", "/api/account/password", body);
        var message = endsKeys ? "All other sessions and all API keys have ended." : "All other sessions have ended.";
        await Envelope.AssertBodyAsync(changed, 200, $$$"""{"status":"success","message":"Password changed successfully. {{{message}}}","data":{"sessions_ended":1,"api_keys_ended":{{{ended}}}}}""", Cancelled);

        foreach (var key in keys)
        {
            using var exchanged = await identity.Client.PostAsJsonAsync("/internal/api-keys/exchange", new { api_key = key }, Cancelled);
            Assert.Equal(endsKeys ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, exchanged.StatusCode);
        }
    }

    [Fact]
    public async Task Member_keep_api_keys_that_is_no_truth_value_is_refused()
    {
        var (_, client) = await SignedInAsync(secondsAgo: 0);
        using var refused = await SendAsync(client, "POST", "/api/account/password", Body("""{"new_password":"another_long_passphrase","keep_api_keys":"yes"}"""));
        await Envelope.AssertErrorAsync(refused, 400, "INVALID_REQUEST", "Invalid request. keep_api_keys must be true or false.", Cancelled);
    }

    private static JsonObject Body(string json) =>
        JsonNode.Parse(json.Replace("EMAIL", $"{Guid.NewGuid():N}@example.com", StringComparison.Ordinal))!.AsObject();

    private static JsonObject With(JsonObject body, string member, JsonNode? value)
    {
        var changed = body.DeepClone().AsObject();
        changed[member] = value?.DeepClone();
        return changed;
    }

    // A client whose session began so long ago; null leaves out its auth_time, as the release before did.
    private Task<(Person Person, HttpClient Client)> SignedInAsync(int? secondsAgo, string change = "") =>
        SignedInAsync(identity.Service, secondsAgo, change);

    private static async Task<(Person Person, HttpClient Client)> SignedInAsync(IdentityService service, int? secondsAgo, string change = "")
    {
        var person = Person.New();
        await person.RegisterAsync(service.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(service.Client, Cancelled);
        var sid = new JsonWebToken(access).GetClaim("sid").Value;
        var authTime = secondsAgo is { } seconds ? $"now() - interval '{seconds} seconds'" : "NULL";
        await IdentityFixture.QueryAsync(
            service.Database, $"UPDATE sessions SET auth_time = {authTime}{change} WHERE id = '{sid}'", Cancelled);

        using var response = await service.Client.PostAsJsonAsync("/api/token", new { grant_type = "refresh_token", refresh_token = refresh }, Cancelled);
        var data = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
        Person.RefreshTokens.Add(data["refresh_token"]!.GetValue<string>());
        return (person, service.ClientWith(data["access_token"]!.GetValue<string>()));
    }

    private static async Task<string> CreateKeyAsync(HttpClient client)
    {
        using var created = await client.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = Read }, Cancelled);
        return (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key"]!.GetValue<string>();
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, JsonObject? body) => client.SendAsync(
        new(new(method), path) { Content = body is null ? null : Person.Json(body) }, Cancelled);

    private static Task AssertRequiredAsync(HttpResponseMessage response) => AssertCodeAsync(response, 403, "REAUTHENTICATION_REQUIRED");

    private static async Task AssertCodeAsync(HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal($"{status} {code}", $"{(int)response.StatusCode} {JsonNode.Parse(body)!["code"]}");
        response.Dispose();
    }
}
