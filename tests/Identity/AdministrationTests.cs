using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

public sealed class AdministrationTests(IdentityFixture identity)
{
    private static readonly string[] Read = ["kv:read"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Search_returns_each_user_with_the_prefix_once_across_pages()
    {
        using var admin = await AdministratorAsync();
        var prefix = $"s{Guid.NewGuid():N}"[..12];
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
            ids.Add(await new Person($"{prefix}_{number}", $"{(number == 4 ? "e" : "") + prefix}{number}@example.com").RegisterAsync(identity.Client, Cancelled));

        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await GetAsync(admin, $"/api/admin/users?search={prefix.ToUpperInvariant()}_&limit=2&cursor={cursor}");
            found.AddRange(page["items"]!.AsArray().Select(user => user!["user_id"]!.GetValue<string>()));
            cursor = page["cursor"]?.GetValue<string>() ?? "";
        }
        while (cursor.Length > 0);

        Assert.Equal(ids.Order(StringComparer.Ordinal), found);
        Assert.Equal([ids[4]], (await GetAsync(admin, $"/api/admin/users?search=e{prefix}"))["items"]!.AsArray().Select(user => user!["user_id"]!.GetValue<string>()));
        Assert.Empty((await GetAsync(admin, $"/api/admin/users?search=%25{prefix}"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("limit=0", "INVALID_LIMIT")]
    [InlineData("limit=x", "INVALID_LIMIT")]
    [InlineData("cursor=x", "INVALID_CURSOR")]
    [InlineData("search=%00", "INVALID_REQUEST")]
    public async Task Invalid_page_parameters_are_refused(string query, string code)
    {
        using var admin = await AdministratorAsync();
        using var refused = await admin.GetAsync($"/api/admin/users?{query}", Cancelled);
        Assert.Equal($"400 {code}", $"{(int)refused.StatusCode} {JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancelled))!["code"]}");
    }

    [Fact]
    public async Task Revoking_a_user_ends_all_sessions_tokens_and_keys()
    {
        using var admin = await AdministratorAsync();
        var (person, id, access, refresh) = await SignedInAsync();
        using var user = identity.Service.ClientWith(access);
        using var made = await user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = Read }, Cancelled);
        var key = (await made.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key"]!.GetValue<string>();

        using var revoked = await admin.PostAsync($"/api/admin/users/{id}/revoke", null, Cancelled);
        await Envelope.AssertBodyAsync(revoked, 200, """{"status":"success","message":"All sessions and tokens of the user have ended."}""", Cancelled);

        using var exchanged = await identity.Client.PostAsJsonAsync("/internal/api-keys/exchange", new { api_key = key }, Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, exchanged.StatusCode);
        using var refreshed = await identity.Client.PostAsJsonAsync("/api/token", new { grant_type = "refresh_token", refresh_token = refresh }, Cancelled);
        Assert.False(refreshed.IsSuccessStatusCode);
        await EventuallyAsync(async () => (await user.GetAsync("/api/account", Cancelled)).StatusCode is HttpStatusCode.Unauthorized, "The access token still works.");
        await person.SignInAsync(identity.Client, Cancelled);
    }

    [Fact]
    public async Task A_new_role_ends_the_old_tokens_and_applies_at_the_next_sign_in()
    {
        using var admin = await AdministratorAsync();
        var (person, id, access, _) = await SignedInAsync();
        using var user = identity.Service.ClientWith(access);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync("/api/admin/users", Cancelled)).StatusCode);

        Assert.Equal("admin", (await PatchAsync(admin, id, new { role = "admin" }))["role"]!.GetValue<string>());
        await EventuallyAsync(async () => (await user.GetAsync("/api/admin/users", Cancelled)).StatusCode is HttpStatusCode.Unauthorized, "The old token still works.");
        await EventuallyAsync(
            async () =>
            {
                using var promoted = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));
                return (await promoted.GetAsync("/api/admin/users", Cancelled)).IsSuccessStatusCode;
            },
            "The new administrator administers nothing.");
    }

    [Fact]
    public async Task An_administrator_lifts_a_lockout()
    {
        using var admin = await AdministratorAsync();
        var (person, id, _, _) = await SignedInAsync();
        for (var attempt = 0; attempt < 5; attempt++)
            (await identity.Client.PostAsync("/api/token", Person.Json((person with { Password = "a wrong one, of course" }).Credentials), Cancelled)).Dispose();
        Assert.NotNull((await GetAsync(admin, $"/api/admin/users/{id}"))["locked_until"]);

        Assert.Null((await PatchAsync(admin, id, new { locked = false }))["locked_until"]);
        await person.SignInAsync(identity.Client, Cancelled);
    }

    [Fact]
    public async Task One_administrator_stays_when_the_last_two_remove_each_other()
    {
        await using var service = IdentityService.Start(await identity.CreateMigratedDatabaseAsync(Cancelled));
        using var first = service.ClientWith(await Person.Admin.SignInAsync(service.Client, Cancelled));
        var firstId = (await GetAsync(first, "/api/account"))["user_id"]!.GetValue<string>();
        using (var alone = await first.PatchAsJsonAsync($"/api/admin/users/{firstId}", new { role = "user" }, Cancelled))
            await Envelope.AssertErrorAsync(alone, 409, "LAST_ADMIN", "This is the last administrator who may sign in. Please make another one first.", Cancelled);

        using var second = service.ClientWith(await service.SignInAdministratorAsync(Cancelled));
        var secondId = (await GetAsync(second, "/api/account"))["user_id"]!.GetValue<string>();
        var answers = await Task.WhenAll(
            first.DeleteAsync($"/api/admin/users/{secondId}", Cancelled), second.PatchAsJsonAsync($"/api/admin/users/{firstId}", new { disabled = true }, Cancelled));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        Assert.Equal(["1"], await IdentityFixture.QueryAsync(service.Database, "SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL", Cancelled));
    }

    [Fact]
    public async Task The_audit_log_is_read_by_kind_actor_subject_and_time_newest_first()
    {
        using var admin = await AdministratorAsync();
        var adminId = (await GetAsync(admin, "/api/account"))["user_id"]!.GetValue<string>();
        var (_, id, _, _) = await SignedInAsync();
        var before = TimeProvider.System.GetUtcNow();
        await PatchAsync(admin, id, new { disabled = true });
        await PatchAsync(admin, id, new { disabled = false });
        await PatchAsync(admin, id, new { role = "admin" });

        Assert.Equal(["user.role_changed", "user.enabled", "user.disabled"], await KindsAsync($"subject={id}&actor={adminId}"));
        Assert.Equal(["user.enabled"], await KindsAsync($"subject={id}&kind=user.enabled"));
        var moment = Uri.EscapeDataString(before.ToString("O", CultureInfo.InvariantCulture));
        Assert.Equal(3, (await KindsAsync($"subject={id}&from={moment}")).Count);
        Assert.Equal(["user.sign_in", "user.registered"], (await KindsAsync($"subject={id}&to={moment}")).Where(kind => kind is "user.sign_in" or "user.registered"));

        async Task<IReadOnlyList<string>> KindsAsync(string filter) =>
            [.. (await GetAsync(admin, $"/api/admin/audit?{filter}"))["items"]!.AsArray().Select(audited => audited!["kind"]!.GetValue<string>())];
    }

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revocation")]
    public async Task A_wrong_client_secret_is_in_the_audit_log(string path)
    {
        using var admin = await AdministratorAsync();
        var client = $"c{Guid.NewGuid():N}"[..20];
        using var made = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = client, scope = "kv:read" }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);

        using var form = new FormUrlEncodedContent([new("client_id", client), new("client_secret", "wrong"), new("token", "x"), new("grant_type", "client_credentials")]);
        using var refused = await identity.Client.PostAsync(path, form, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        var audited = (await GetAsync(admin, $"/api/admin/audit?subject={client}"))["items"]!.AsArray();
        Assert.Equal(["client.sign_in failure", "client.created success"], audited.Select(audited => $"{audited!["kind"]} {audited["outcome"]}"));
    }

    private async Task<HttpClient> AdministratorAsync() => identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));

    private async Task<(Person Person, string Id, string Access, string Refresh)> SignedInAsync()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        return (person, id, access, refresh);
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancelled);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["data"]!;
    }

    private static async Task<JsonNode> PatchAsync(HttpClient admin, string id, object change)
    {
        using var response = await admin.PatchAsJsonAsync($"/api/admin/users/{id}", change, Cancelled);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["data"]!;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition, string otherwise)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await condition(); await Task.Delay(100, Cancelled))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5), otherwise);
    }
}
