using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

/// <summary>No cache may store what the service answers about an account, a token or a key.</summary>
public sealed class NoStoreTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_about_accounts_tokens_sessions_and_keys_are_not_stored()
    {
        var person = Person.New();
        await AskAsync(identity.Client, "POST", "/api/register", person.Registration, 201);
        var session = await AskAsync(identity.Client, "POST", "/api/token", person.Credentials, 200);
        var refreshed = await AskAsync(identity.Client, "POST", "/api/token", new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = Text(session, "refresh_token") }, 200);
        await AskAsync(identity.Client, "POST", "/api/token", Person.New().Credentials, 401);
        var other = new JsonWebToken(await person.SignInAsync(identity.Client, Cancelled)).GetClaim("sid").Value;
        Person.RefreshTokens.Add(Text(session, "refresh_token"));
        Person.RefreshTokens.Add(Text(refreshed, "refresh_token"));

        using var client = identity.Service.ClientWith(Text(refreshed, "access_token"));
        await AskAsync(client, "GET", "/api/account", null, 200);
        await AskAsync(client, "PATCH", "/api/account", new JsonObject { ["age"] = 31 }, 200);
        await AskAsync(client, "GET", "/api/account/sessions", null, 200);
        await AskAsync(client, "DELETE", $"/api/account/sessions/{other}", null, 200);
        await AskAsync(client, "DELETE", $"/api/account/sessions/{other}", null, 404);
        var key = await AskAsync(client, "POST", "/api/keys", new JsonObject { ["name"] = "ci", ["scopes"] = new JsonArray("kv:read") }, 201);
        await AskAsync(client, "GET", "/api/keys", null, 200);
        await AskAsync(client, "DELETE", $"/api/keys/{Text(key, "id")}", null, 200);
        await AskAsync(client, "GET", "/connect/userinfo", null, 200);
        await AskAsync(client, "POST", "/api/account/password", new JsonObject { ["new_password"] = "another_long_passphrase" }, 200);
        await AskAsync(client, "POST", "/api/logout", null, 200);
        await AskAsync(client, "GET", "/api/account", null, 401);

        using var leaving = identity.Service.ClientWith(await (person with { Password = "another_long_passphrase" }).SignInAsync(identity.Client, Cancelled));
        await AskAsync(leaving, "DELETE", "/api/account", [], 202);
    }

    [Fact]
    public async Task Answers_of_the_administration_are_not_stored()
    {
        var id = await Person.New().RegisterAsync(identity.Client, Cancelled);
        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));
        await AskAsync(admin, "GET", "/api/admin/users?limit=1", null, 200);
        await AskAsync(admin, "GET", $"/api/admin/users/{id}", null, 200);
        await AskAsync(admin, "PATCH", $"/api/admin/users/{id}", new JsonObject { ["locked"] = false }, 200);
        await AskAsync(admin, "POST", $"/api/admin/users/{id}/revoke", null, 200);
        await AskAsync(admin, "DELETE", $"/api/admin/users/{id}", null, 202);
        await AskAsync(admin, "GET", "/api/admin/audit?limit=1", null, 200);

        var client = $"c{Guid.NewGuid():N}";
        await AskAsync(admin, "POST", "/api/admin/clients", new JsonObject { ["client_id"] = client, ["scope"] = "kv:read" }, 201);
        await AskAsync(admin, "GET", "/api/admin/clients", null, 200);
        await AskAsync(admin, "PATCH", $"/api/admin/clients/{client}", new JsonObject { ["disabled"] = false }, 200);
        await AskAsync(admin, "POST", $"/api/admin/clients/{client}/secret", null, 200);
        await AskAsync(admin, "DELETE", $"/api/admin/clients/{client}", null, 200);
        await AskAsync(admin, "GET", "/api/admin/signing-keys", null, 200);
    }

    private static async Task<JsonNode?> AskAsync(HttpClient client, string method, string path, JsonObject? body, int status)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : Person.Json(body) };
        using var response = await client.SendAsync(request, Cancelled);
        Assert.Equal(
            (status, "no-store", $"{method} {path}"), ((int)response.StatusCode, response.Headers.CacheControl?.ToString(), $"{method} {path}"));
        return await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled);
    }

    private static string Text(JsonNode? answer, string member) => answer!["data"]![member]!.GetValue<string>();
}
