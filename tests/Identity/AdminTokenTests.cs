using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

/// <summary>Access tokens that grant <c>kv:admin</c> are few and live minutes.</summary>
public sealed class AdminTokenTests(IdentityFixture identity)
{
    private const string All = "kv:read kv:write kv:account kv:admin";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/token", null, All, 600)]
    [InlineData("/api/token", "kv:admin", "kv:admin", 600)]
    [InlineData("/api/token", "kv:read kv:account", "kv:read kv:account", 3600)]
    [InlineData("/connect/token", null, "kv:read kv:write", 3600)]
    [InlineData("/connect/token", "kv:admin kv:read", "kv:read kv:admin", 600)]
    public async Task Token_that_grants_kv_admin_lives_ten_minutes_also_after_a_refresh(string path, string? asked, string granted, int lifetime)
    {
        var person = await AdministratorAsync();
        var answer = await PostAsync(path, ("grant_type", "password"), ("username", person.Username), ("password", person.Password), ("scope", asked ?? ""));
        Assert.Equal((granted, lifetime), Described(answer));

        var refreshed = await PostAsync(path, ("grant_type", "refresh_token"), ("refresh_token", answer["refresh_token"]!.GetValue<string>()));
        Assert.Equal((granted, lifetime), Described(refreshed));
    }

    [Fact]
    public async Task Password_grant_gives_no_kv_admin_to_a_registered_client()
    {
        var person = await AdministratorAsync();
        using var admin = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));
        var id = $"c{Guid.NewGuid():N}";
        using var created = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = id, scope = "kv:read kv:admin", first_party = true }, Cancelled);
        var secret = (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["client_secret"]!.GetValue<string>();
        (string, string)[] client = [("client_id", id), ("client_secret", secret)];
        (string, string)[] user = [("grant_type", "password"), ("username", person.Username), ("password", person.Password), .. client];

        Assert.Equal(("kv:read kv:admin", 600), Described(await PostAsync("/connect/token", [("grant_type", "client_credentials"), .. client])));
        Assert.Equal("invalid_scope", (await PostAsync("/connect/token", [.. user, ("scope", "kv:admin")]))["error"]!.GetValue<string>());
        var session = await PostAsync("/connect/token", user);
        Assert.Equal(("kv:read", 3600), Described(session));

        // A session to which the release before granted it.
        var sid = new JsonWebToken(session["access_token"]!.GetValue<string>()).GetClaim("sid").Value;
        await IdentityFixture.QueryAsync(identity.Service.Database, $"UPDATE sessions SET scope = 'kv:read kv:admin' WHERE id = '{sid}'", Cancelled);
        var refreshed = await PostAsync("/connect/token", [("grant_type", "refresh_token"), ("refresh_token", session["refresh_token"]!.GetValue<string>()), .. client]);
        Assert.Equal(("kv:read", 3600), Described(refreshed));
    }

    private async Task<Person> AdministratorAsync()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        await IdentityFixture.QueryAsync(identity.Service.Database, $"UPDATE users SET role = 'admin' WHERE id = '{id}'", Cancelled);
        return person;
    }

    private async Task<JsonNode> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using HttpContent body = path is "/api/token"
            ? Person.Json(new JsonObject(fields.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Value))))
            : new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await identity.Client.PostAsync(path, body, Cancelled);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
        answer = answer["data"] ?? answer;
        if (answer["refresh_token"] is { } issued)
            Person.RefreshTokens.Add(issued.GetValue<string>());
        return answer;
    }

    private static (string Scope, long Lifetime) Described(JsonNode answer)
    {
        var token = new JsonWebToken(answer["access_token"]!.GetValue<string>());
        var lifetime = token.GetPayloadValue<long>("exp") - token.GetPayloadValue<long>("iat");
        Assert.Equal(lifetime, answer["expires_in"]!.GetValue<long>());
        return (answer["scope"]!.GetValue<string>(), lifetime);
    }
}
