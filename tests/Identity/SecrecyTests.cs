using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.Identity.Tests;

/// <summary>Runs alone, after all other tests.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

[Collection(LastOfAll.Name)]
public sealed class SecrecyTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_shows_the_password_or_its_hash()
    {
        var person = Person.New() with { Password = $"never show {Guid.NewGuid():N}" };
        var answers = new List<string>();
        async Task AskAsync(string path, JsonNode body)
        {
            using var response = await identity.Client.PostAsync(path, Person.Json(body), Cancelled);
            answers.Add(response.Headers + await response.Content.ReadAsStringAsync(Cancelled));
        }

        await AskAsync("/api/register", person.Registration); // 201
        await AskAsync("/api/register", person.Registration); // 409
        await AskAsync("/api/register", (person with { Email = "none" }).Registration); // 400
        await AskAsync("/api/token", person.Credentials); // 200
        await AskAsync("/api/token", (person with { Username = "nobody" }).Credentials); // 401

        var hash = Assert.Single(await IdentityFixture.QueryAsync(
            identity.Service.Database, $"SELECT password_hash FROM users WHERE user_name = '{person.Username}'", Cancelled));
        Assert.Equal(5, answers.Count);
        Assert.All(answers, answer =>
        {
            Assert.DoesNotContain(person.Password, answer, StringComparison.Ordinal);
            Assert.DoesNotContain(hash, answer, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void No_secret_of_any_test_is_in_a_log_or_trace() => IdentityFixture.AssertNothingIsBetrayed();

    // At every level, because operators turn more of them on to find a fault.
    [Fact]
    public async Task No_secret_is_in_a_log_of_any_level_or_in_a_trace()
    {
        using var witness = new Witness(keeps: true);
        await using var quick = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled), services =>
        {
            services.AddLogging(logging => logging.ClearProviders());
            witness.Attend(services, LogLevel.Trace);
        });
        var secrets = new List<string> { IdentityService.EncryptionKey, IdentityService.ClientSecret, IdentityService.OperatorSecret, TestIssuer.ServiceSecret };

        // 1. A user with a session, an API key and an export.
        var person = Person.New() with { Password = $"never log {Guid.NewGuid():N}" };
        var (next, wrong) = ($"nor this {Guid.NewGuid():N}", $"not even this {Guid.NewGuid():N}");
        secrets.AddRange([person.Password, next, wrong]);
        var id = await person.RegisterAsync(quick.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(quick.Client, Cancelled);
        secrets.AddRange([access, refresh]);
        await PostAsync("/api/token", (person with { Password = wrong }).Credentials, null, 401);
        var refreshed = await PostAsync("/api/token", new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = refresh }, null, 200);
        secrets.AddRange([Text(refreshed, "access_token"), Text(refreshed, "refresh_token")]);
        var key = Text(await PostAsync("/api/keys", new JsonObject { ["name"] = "ci", ["scopes"] = new JsonArray("kv:read") }, access, 201), "key");
        secrets.Add(key);
        await PostAsync("/internal/api-keys/exchange", new JsonObject { ["api_key"] = key }, null, 200);
        await PostAsync("/internal/api-keys/exchange", new JsonObject { ["api_key"] = key[..^1] + "_" }, null, 401);
        await PostAsync("/api/account/password", new JsonObject { ["old_password"] = wrong, ["new_password"] = next }, access, 403);
        await PostAsync("/api/account/password", new JsonObject { ["old_password"] = person.Password, ["new_password"] = next }, access, 200);

        // 2. An administrator registers a client and rotates the keys.
        await IdentityFixture.QueryAsync(quick.Database, $"UPDATE users SET role = 'admin' WHERE id = '{id}'", Cancelled);
        var admin = await (person with { Password = next }).SignInAsync(quick.Client, Cancelled);
        var client = $"client-{Guid.NewGuid():N}"[..20];
        var secret = Text(await PostAsync("/api/admin/clients", new JsonObject { ["client_id"] = client, ["scope"] = "kv:read" }, admin, 201), "client_secret");
        var rotated = Text(await PostAsync($"/api/admin/clients/{client}/secret", [], admin, 200), "client_secret");
        secrets.AddRange([admin, secret, rotated]);
        await PostAsync("/api/admin/signing-keys/rotate", [], admin, 200);

        // 3. A client authenticates, rightly and wrongly, in a form and in a header.
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = client, ["client_secret"] = rotated };
        await PostFormAsync("/connect/token", form, 200);
        await PostFormAsync("/connect/token", new(form) { ["client_secret"] = secret }, 400);
        foreach (var path in new[] { "/connect/introspect", "/connect/revocation" })
            await PostFormAsync(path, new() { ["token"] = Text(refreshed, "refresh_token"), ["client_id"] = client, ["client_secret"] = rotated }, path.EndsWith("introspect", StringComparison.Ordinal) ? 200 : 400);

        Assert.True(witness.Count > 200, $"Only {witness.Count} lines were heard.");
        witness.AssertNothingIsBetrayed([.. secrets, .. secrets.Select(Uri.EscapeDataString), Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{client}:{rotated}"))]);

        async Task<JsonNode?> PostAsync(string path, JsonObject body, string? token, int expected)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Person.Json(body) };
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var response = await quick.Client.SendAsync(request, Cancelled);
            var text = await response.Content.ReadAsStringAsync(Cancelled);
            Assert.True(expected == (int)response.StatusCode, $"{path}: {(int)response.StatusCode} {text}");
            return JsonNode.Parse(text);
        }

        async Task PostFormAsync(string path, Dictionary<string, string> fields, int expected)
        {
            using var body = new FormUrlEncodedContent(fields);
            using var response = await quick.Client.PostAsync(path, body, Cancelled);
            Assert.True(expected == (int)response.StatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancelled)}");
        }

        static string Text(JsonNode? answer, string member) => (answer!["data"] ?? answer)[member]!.GetValue<string>();
    }
}
