using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Xunit;

[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.AppHost.Tests;

/// <summary>Runs alone, after all other collections.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

/// <summary>
/// The telemetry and logs of the whole system, after all other tests. <see cref="RunningSystem.DisposeAsync"/> looks at them
/// again, and at those of other tests' own systems.
/// </summary>
[Collection(LastOfAll.Name)]
public sealed class SecrecyTests(RunningSystem system)
{
    private static readonly string[] ReadAndWrite = ["kv:read", "kv:write"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_log_and_no_trace_of_any_service_contains_a_password_a_token_or_a_key()
    {
        // 1. Requests with right and wrong secrets.
        var account = await system.RegisterAsync(Cancel);
        using var anybody = system.Client("gateway");
        using var user = system.Client("gateway", account.AccessToken);
        using var admin = system.Client("gateway", Secret(await PostAsync(anybody, "/api/token", new { username = "admin", password = RunningSystem.FirstAdminPassword }, 200), "access_token"));

        var wrong = Guid.NewGuid().ToString();
        system.Secrets.Add(wrong);
        await PostAsync(anybody, "/api/token", new { username = account.Username, password = wrong }, 401);
        var session = await PostAsync(anybody, "/api/token", new { username = account.Username, password = Account.Password }, 200);
        await PostAsync(anybody, "/api/token", new { grant_type = "refresh_token", refresh_token = Secret(session, "refresh_token") }, 200);
        await PostAsync(anybody, "/api/token", new { grant_type = "refresh_token", refresh_token = wrong }, 401);

        var key = Secret(await PostAsync(user, "/api/keys", new { name = "ci", scopes = ReadAndWrite }, 201), "key");
        using var machine = system.Client("gateway", key);
        await PostAsync(machine, "/api/data", new { key = "secret-key-of-nobodys-business", value = "secret-value-of-nobodys-business" }, 201);
        using var forger = system.Client("gateway", key[..^4] + "AAAA");
        Assert.Equal(HttpStatusCode.Unauthorized, (await forger.GetAsync("/api/data/k", Cancel)).StatusCode);

        var client = $"client-{Guid.NewGuid():N}"[..20];
        var secret = Secret(await PostAsync(admin, "/api/admin/clients", new { client_id = client, scope = "kv:read" }, 201), "client_secret");
        foreach (var shown in new[] { secret, wrong })
        {
            using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", shown)]);
            using var granted = await anybody.PostAsync("/connect/token", form, Cancel);
            Assert.Equal(shown == secret ? HttpStatusCode.OK : HttpStatusCode.BadRequest, granted.StatusCode);
        }

        // 2. Wait until every service has exported the last request.
        using var last = await machine.GetAsync($"/api/data/{Guid.NewGuid():N}", Cancel);
        var trace = (await last.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["trace_id"]!.GetValue<string>();
        await system.Telemetry.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Traces, trace), "The trace did not come.", Cancel);

        system.AssertNothingIsBetrayed();
        system.Telemetry.AssertNowhere("secret-key-of-nobodys-business", "secret-value-of-nobodys-business");
    }

    private string Secret(JsonNode? answer, string member)
    {
        var secret = answer!["data"]![member]!.GetValue<string>();
        system.Secrets.Add(secret);
        return secret;
    }

    private static async Task<JsonNode?> PostAsync(HttpClient client, string path, object body, int expected)
    {
        using var response = await client.PostAsJsonAsync(path, body, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(expected == (int)response.StatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text);
    }
}
