using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

/// <summary>UUIDs of requests in upper case. Databases and answers have them in lower case.</summary>
public sealed class IdTests(IdentityFixture identity)
{
    private static readonly string[] Scopes = ["kv:read"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_key_is_revoked_by_its_id_in_upper_case()
    {
        using var user = (await UserAsync()).Client;
        using var created = await user.PostAsJsonAsync("/api/keys", new { name = "ci", scopes = Scopes }, Cancelled);
        var id = (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["id"]!.GetValue<string>();

        using var revoked = await user.DeleteAsync($"/api/keys/{id.ToUpperInvariant()}", Cancelled);

        await Envelope.AssertBodyAsync(revoked, 200, """{"status":"success","message":"API key revoked successfully."}""", Cancelled);
        Assert.Equal("""{"status":"success","data":{"items":[]}}""", await user.GetStringAsync("/api/keys", Cancelled));
        Assert.Contains($"\"value\":\"{id}\"", await identity.Client.GetStringAsync("/internal/revocations?after=0", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_is_ended_by_its_id_in_upper_case()
    {
        var (user, _, token) = await UserAsync();
        using var ended = await user.DeleteAsync($"/api/account/sessions/{new JsonWebToken(token).GetClaim("sid").Value.ToUpperInvariant()}", Cancelled);

        await Envelope.AssertBodyAsync(ended, 200, """{"status":"success","message":"Session ended successfully."}""", Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/api/account", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task User_is_administered_by_an_id_in_upper_case()
    {
        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));
        var id = (await UserAsync()).Id;
        var path = $"/api/admin/users/{id.ToUpperInvariant()}";

        Assert.Equal(id, (await DataAsync(await admin.GetAsync(path, Cancelled)))["user_id"]!.GetValue<string>());
        Assert.Equal(id, (await DataAsync(await admin.PatchAsJsonAsync(path, new { locked = false }, Cancelled)))["user_id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"{path}/revoke", null, Cancelled)).StatusCode);
        Assert.Equal(0, (await DataAsync(await admin.GetAsync(path, Cancelled)))["sessions"]!.GetValue<int>());

        foreach (var filter in new[] { $"subject={id}", $"subject={id.ToUpperInvariant()}" })
            Assert.Equal("session.all_revoked", (await AuditAsync($"{filter}&limit=1"))["items"]![0]!["kind"]!.GetValue<string>());
        var cursor = (await AuditAsync($"subject={id}&limit=1"))["cursor"]!.GetValue<string>();
        Assert.NotEmpty((await AuditAsync($"subject={id.ToUpperInvariant()}&cursor={cursor}"))["items"]!.AsArray());

        Assert.Equal(HttpStatusCode.Accepted, (await admin.DeleteAsync(path, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(path, Cancelled)).StatusCode);

        async Task<JsonNode> AuditAsync(string query) => await DataAsync(await admin.GetAsync($"/api/admin/audit?{query}", Cancelled));
    }

    private static async Task<JsonNode> DataAsync(HttpResponseMessage response)
    {
        using (response)
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!;
    }

    private async Task<(HttpClient Client, string Id, string Token)> UserAsync()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        var token = await person.SignInAsync(identity.Client, Cancelled);
        return (identity.Service.ClientWith(token), id, token);
    }
}
