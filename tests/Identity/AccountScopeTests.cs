using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

/// <summary>The scope <c>kv:account</c>: who gets it, and what needs it.</summary>
public sealed class AccountScopeTests(IdentityFixture identity)
{
    private const string All = "kv:read kv:write kv:account";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/account", "kv:account")]
    [InlineData("PATCH", "/api/account", "kv:account")]
    [InlineData("DELETE", "/api/account", "kv:account")]
    [InlineData("POST", "/api/account/password", "kv:account")]
    [InlineData("GET", "/api/account/export", "kv:account kv:read")]
    [InlineData("GET", "/api/account/sessions", "kv:account")]
    [InlineData("DELETE", "/api/account/sessions/0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b", "kv:account")]
    [InlineData("GET", "/api/keys", "kv:account")]
    [InlineData("POST", "/api/keys", "kv:account")]
    [InlineData("DELETE", "/api/keys/0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b", "kv:account")]
    public async Task Account_operation_refuses_a_session_that_was_granted_only_entries(string method, string path, string needed)
    {
        var person = await RegisterAsync();
        var granted = await GrantAsync(person, client: null, scope: "kv:read kv:write");
        using var client = identity.Service.ClientWith(granted["access_token"]!.GetValue<string>());
        using var request = new HttpRequestMessage(new(method), path);
        using var response = await client.SendAsync(request, Cancelled);

        Assert.Equal($"Bearer realm=\"kvaspire\", error=\"insufficient_scope\", scope=\"{needed}\"", response.Headers.WwwAuthenticate.ToString());
        await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE", "The access token does not grant what this request needs.", Cancelled);
    }

    [Fact]
    public async Task Session_that_was_granted_only_entries_signs_out_and_reads_its_claims()
    {
        var granted = await GrantAsync(await RegisterAsync(), client: null, scope: null);
        using var client = identity.Service.ClientWith(granted["access_token"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/connect/userinfo", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/api/logout", null, Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData(null, null, "kv:read kv:write")]
    [InlineData(null, "kv:account", "kv:account")]
    [InlineData(null, "kv:account kv:read", "kv:read kv:account")]
    [InlineData("own-client", null, "kv:read kv:write")]
    [InlineData("own-client", "kv:account", null)]
    [InlineData("own-client", "kv:read kv:account", null)]
    public async Task Password_grant_at_the_token_endpoint_gives_kv_account_to_our_own_client_by_name_only(string? client, string? asked, string? granted)
    {
        var answer = await GrantAsync(await RegisterAsync(), client, asked);
        Assert.Equal(granted ?? "invalid_scope", (answer["scope"] ?? answer["error"])!.GetValue<string>());
    }

    // auth_time is null in a session that the release before began.
    [Theory]
    [InlineData(null, "kv:read kv:write", All)]
    [InlineData(null, "kv:read", "kv:read")]
    [InlineData("own-client", "kv:read kv:write", "kv:read kv:write")]
    public async Task Session_of_the_release_before_keeps_what_it_could_do(string? client, string stored, string granted)
    {
        var session = await GrantAsync(await RegisterAsync(), client, scope: null);
        var sid = new JsonWebToken(session["access_token"]!.GetValue<string>()).GetClaim("sid").Value;
        await IdentityFixture.QueryAsync(
            identity.Service.Database, $"UPDATE sessions SET scope = '{stored}', auth_time = NULL WHERE id = '{sid}'", Cancelled);

        var refreshed = await PostAsync(client, ("grant_type", "refresh_token"), ("refresh_token", session["refresh_token"]!.GetValue<string>()));
        Assert.Equal(granted, refreshed["scope"]!.GetValue<string>());
    }

    [Fact]
    public async Task Refresh_keeps_kv_account_only_where_the_session_has_it()
    {
        var person = await RegisterAsync();
        var (_, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        Assert.Equal(All, (await PostAsync(null, ("grant_type", "refresh_token"), ("refresh_token", refresh)))["scope"]!.GetValue<string>());

        var entries = (await GrantAsync(person, client: null, scope: null))["refresh_token"]!.GetValue<string>();
        Assert.Equal("invalid_scope", (await PostAsync(
            null, ("grant_type", "refresh_token"), ("refresh_token", entries), ("scope", "kv:account")))["error"]!.GetValue<string>());
        Assert.Equal("kv:read kv:write", (await PostAsync(null, ("grant_type", "refresh_token"), ("refresh_token", entries)))["scope"]!.GetValue<string>());
    }

    private async Task<Person> RegisterAsync()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        return person;
    }

    private Task<JsonNode> GrantAsync(Person person, string? client, string? scope) => PostAsync(
        client, ("grant_type", "password"), ("username", person.Username), ("password", person.Password), ("scope", scope ?? ""));

    private async Task<JsonNode> PostAsync(string? client, params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        if (client is not null)
            (form["client_id"], form["client_secret"]) = (client, IdentityService.ClientSecret);
        using var response = await identity.Client.PostAsync("/connect/token", new FormUrlEncodedContent(form), Cancelled);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
        if (answer["refresh_token"] is { } issued)
            Person.RefreshTokens.Add(issued.GetValue<string>());
        return answer;
    }
}
