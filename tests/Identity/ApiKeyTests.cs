using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class ApiKeyTests(IdentityFixture identity)
{
    private static readonly string[] Read = ["kv:read"], ReadAndWrite = ["kv:read", "kv:write"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_is_shown_once_stored_hashed_and_exchanged_for_a_short_lived_token()
    {
        var (user, userId) = await UserAsync();
        using var created = await user.PostAsync("/api/keys", Person.Json(JsonNode.Parse("""{"name":"ci","scopes":["kv:read"],"key_prefix":"builds/","expires_at":"2999-01-01T00:00:00Z"}""")!), Cancelled);
        var data = JsonNode.Parse(await created.Content.ReadAsStringAsync(Cancelled))!["data"]!;
        var (id, key, prefix) = (data["id"]!.GetValue<string>(), data["key"]!.GetValue<string>(), data["prefix"]!.GetValue<string>());
        await Envelope.AssertBodyAsync(created, 201, $$$"""{"status":"success","message":"API key created successfully.","data":{"id":"{{{id}}}","name":"ci","prefix":"{{{prefix}}}","key":"{{{key}}}","scopes":["kv:read"],"key_prefix":"builds/","created_at":"{{{data["created_at"]}}}","expires_at":"2999-01-01T00:00:00+00:00"}}""", Cancelled);
        Assert.Equal(67, key.Length);
        Assert.StartsWith(prefix, key, StringComparison.Ordinal);

        var token = new JsonWebToken(await ExchangeAsync(key));
        Assert.Equal((userId, id, "api-key", "kv:read", "builds/"),
            (token.Subject, token.GetClaim("sid").Value, token.GetClaim("client_id").Value, token.GetClaim("scope").Value, token.GetClaim("kv_prefix").Value));
        Assert.Equal(300, token.GetPayloadValue<long>("exp") - token.GetPayloadValue<long>("iat"));

        var list = await user.GetStringAsync("/api/keys", Cancelled);
        Assert.Contains("\"last_used_at\":", list, StringComparison.Ordinal);
        Assert.DoesNotContain(key, list, StringComparison.Ordinal);
        Assert.Equal(["0"], await IdentityFixture.QueryAsync(identity.Service.Database, $"SELECT count(*) FROM api_keys WHERE api_keys::text LIKE '%{key}%'", Cancelled));
    }

    [Fact]
    public async Task Revoked_key_is_refused_and_its_tokens_are_revoked()
    {
        var (user, _) = await UserAsync();
        var (id, key) = await CreateAsync(user);
        Assert.NotNull(await ExchangeAsync(key));

        using var revoked = await user.DeleteAsync($"/api/keys/{id}", Cancelled);
        await Envelope.AssertBodyAsync(revoked, 200, """{"status":"success","message":"API key revoked successfully."}""", Cancelled);

        Assert.Null(await ExchangeAsync(key));
        Assert.Contains($"\"kind\":\"sid\",\"value\":\"{id}\"", await identity.Client.GetStringAsync("/internal/revocations?after=0", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await user.DeleteAsync($"/api/keys/{id}", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Expired_key_and_key_of_a_disabled_user_are_refused()
    {
        var (user, userId) = await UserAsync();
        var (expired, valid) = (await CreateAsync(user), await CreateAsync(user));
        await IdentityFixture.QueryAsync(identity.Service.Database, $"UPDATE api_keys SET expires_at = now() WHERE id = '{expired.Id}'", Cancelled);
        Assert.Null(await ExchangeAsync(expired.Key));
        Assert.NotNull(await ExchangeAsync(valid.Key));

        await IdentityFixture.QueryAsync(identity.Service.Database, $"UPDATE users SET disabled_at = now() WHERE id = '{userId}'", Cancelled);
        Assert.Null(await ExchangeAsync(valid.Key));
    }

    [Fact]
    public async Task Key_cannot_manage_the_account_or_other_keys()
    {
        var (user, _) = await UserAsync();
        using var machine = identity.Service.ClientWith((await ExchangeAsync((await CreateAsync(user)).Key))!);
        foreach (var path in new[] { "/api/keys", "/api/account/sessions", "/connect/userinfo" })
            Assert.Equal(HttpStatusCode.Forbidden, (await machine.GetAsync(path, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Key_grants_no_more_than_the_token_that_created_it()
    {
        using var reader = await NarrowedAsync("kv:read kv:account");
        foreach (var scopes in new[] { ["kv:write"], ReadAndWrite })
            await AssertInsufficientAsync(await reader.PostAsJsonAsync("/api/keys", new { name = "machine", scopes }, Cancelled), string.Join(' ', scopes));
        Assert.Equal("""{"status":"success","data":{"items":[]}}""", await reader.GetStringAsync("/api/keys", Cancelled));

        using var made = await reader.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = Read }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
    }

    [Fact]
    public async Task Export_requires_the_read_scope()
    {
        const string Needed = "kv:account kv:read";
        using var writer = await NarrowedAsync("kv:write kv:account");
        await AssertInsufficientAsync(await writer.GetAsync("/api/account/export", Cancelled), Needed);

        var (user, _) = await UserAsync();
        using var machine = identity.Service.ClientWith((await ExchangeAsync((await CreateAsync(user)).Key))!);
        await AssertInsufficientAsync(await machine.GetAsync("/api/account/export", Cancelled), Needed);

        // Authorized, but no data service runs here.
        using var reader = await NarrowedAsync("kv:read kv:account");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await reader.GetAsync("/api/account/export", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Another_users_key_is_not_found()
    {
        var (owner, stranger) = ((await UserAsync()).Client, (await UserAsync()).Client);
        var (id, key) = await CreateAsync(owner);
        foreach (var other in new[] { id, "x" })
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync($"/api/keys/{other}", Cancelled)).StatusCode);
        Assert.NotNull(await ExchangeAsync(key));
    }

    [Fact]
    public async Task Key_that_was_never_issued_is_refused()
    {
        var (user, _) = await UserAsync();
        var (_, key) = await CreateAsync(user);
        var forged = new[]
        {
            "", "kva_", "x", key[..^1], key + "A", key.ToUpperInvariant(), "kvb_" + key[4..], key[..20] + (key[20] == 'A' ? 'B' : 'A') + key[21..],
            key[..^11] + "AAAAAAAAAAA", "kva_\u00e9" + key[5..],
        };
        foreach (var attempt in forged)
            Assert.Null(await ExchangeAsync(attempt));
    }

    [Theory]
    [InlineData("""{}""", "name", "scopes")]
    [InlineData("""{"name":"","scopes":["kv:read"]}""", "name")]
    [InlineData("""{"name":"a","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["kv:admin"]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":"kv:read"}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["kv:read"],"key_prefix":""}""", "key_prefix")]
    [InlineData("""{"name":"a","scopes":["kv:read"],"key_prefix":"\u0000"}""", "key_prefix")]
    [InlineData("""{"name":"a","scopes":["kv:read"],"expires_at":"2000-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"a","scopes":["kv:read"],"expires_at":"soon"}""", "expires_at")]
    [InlineData("""{"name":"a","scopes":["kv:read"],"expires_at":1}""", "expires_at")]
    public async Task Invalid_key_request_is_refused_field_by_field(string json, params string[] fields)
    {
        var (user, _) = await UserAsync();
        using var response = await user.PostAsync("/api/keys", Person.Json(JsonNode.Parse(json)!), Cancelled);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!;
        Assert.Equal("400 INVALID_API_KEY", $"{(int)response.StatusCode} {body["code"]}");
        Assert.Equal(fields, body["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("DELETE FROM users")]
    [InlineData("UPDATE users SET security_stamp = 'of a new password'")]
    public async Task User_who_is_deleted_or_changes_the_password_meanwhile_gets_no_key(string change)
    {
        var (user, userId) = await UserAsync();
        await using var postgres = NpgsqlDataSource.Create(identity.Service.Database);
        await using var remover = await postgres.OpenConnectionAsync(Cancelled);
        await using var removal = await remover.BeginTransactionAsync(Cancelled);
        await using (var remove = new NpgsqlCommand($"{change} WHERE id = '{userId}'", remover))
            await remove.ExecuteNonQueryAsync(Cancelled);

        var creation = user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = ReadAndWrite }, Cancelled);
        await identity.WaitUntilHeldUpAsync(remover, creation, Cancelled);
        await removal.CommitAsync(Cancelled);
        using var refused = await creation;
        await Envelope.AssertErrorAsync(refused, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
    }

    [Fact]
    public async Task User_gets_at_most_a_hundred_keys_from_concurrent_requests()
    {
        var (user, _) = await UserAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 104).Select(_ => user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = ReadAndWrite }, Cancelled)));
        Assert.Equal((100, 4), (answers.Count(answer => answer.StatusCode is HttpStatusCode.Created), answers.Count(answer => answer.StatusCode is HttpStatusCode.Conflict)));
        await Envelope.AssertErrorAsync(answers.First(answer => !answer.IsSuccessStatusCode), 409, "TOO_MANY_API_KEYS", "There are 100 API keys already. Please revoke one first.", Cancelled);
    }

    private async Task<(HttpClient Client, string Id)> UserAsync()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        return (identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled)), id);
    }

    // A session whose access token grants fewer scopes than the user has.
    private async Task<HttpClient> NarrowedAsync(string scope)
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["username"] = person.Username,
            ["password"] = person.Password,
            ["client_id"] = "kvaspire",
            ["scope"] = scope,
        });
        using var granted = await identity.Client.PostAsync("/connect/token", form, Cancelled);
        return identity.Service.ClientWith((await granted.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["access_token"]!.GetValue<string>());
    }

    private static async Task AssertInsufficientAsync(HttpResponseMessage response, string needed)
    {
        Assert.Equal($"Bearer realm=\"kvaspire\", error=\"insufficient_scope\", scope=\"{needed}\"", response.Headers.WwwAuthenticate.ToString());
        await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE", "The access token does not grant what this request needs.", Cancelled);
    }

    private static async Task<(string Id, string Key)> CreateAsync(HttpClient user)
    {
        using var created = await user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = ReadAndWrite }, Cancelled);
        var data = (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
        return (data["id"]!.GetValue<string>(), data["key"]!.GetValue<string>());
    }

    private async Task<string?> ExchangeAsync(string key)
    {
        using var response = await identity.Client.PostAsJsonAsync("/internal/api-keys/exchange", new { api_key = key }, Cancelled);
        return response.StatusCode is HttpStatusCode.OK
            ? (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["access_token"]!.GetValue<string>()
            : null;
    }
}
