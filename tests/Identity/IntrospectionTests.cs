using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Connect;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

/// <summary>Which clients learn something about which tokens (RFC 7662).</summary>
public sealed class IntrospectionTests(IdentityFixture identity)
{
    private const string Inactive = """{"active":false}""";

    private static readonly string[] Ours = ["kvaspire"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "user", false)]
    [InlineData("", "own", false)]
    [InlineData("", "own refresh", false)]
    [InlineData("https://other.example", "user", false)]
    [InlineData("kvaspire.example", "user", false)]
    [InlineData("KVASPIRE", "user", false)]
    [InlineData("kvaspire", "user", true)]
    [InlineData("https://other.example kvaspire", "user", true)]
    [InlineData("kvaspire", "own", true)]
    [InlineData("kvaspire", "own refresh", true)]
    [InlineData("kvaspire", "another's refresh", false)]
    [InlineData("kvaspire", "nonsense", false)]
    public async Task Client_learns_only_about_tokens_of_an_audience_that_it_serves(string audiences, string subject, bool learns)
    {
        using var admin = await AdministratorAsync();
        var (id, secret) = await CreateAsync(admin, audiences);
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var (access, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        var token = subject switch
        {
            "user" => access,
            "another's refresh" => refresh,
            "own" => (await TokenAsync(new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret }))["access_token"]!.GetValue<string>(),
            "own refresh" => (await TokenAsync(new()
            {
                ["grant_type"] = "password",
                ["client_id"] = id,
                ["client_secret"] = secret,
                ["username"] = person.Username,
                ["password"] = person.Password,
            }))["refresh_token"]!.GetValue<string>(),
            _ => "nonsense",
        };

        var answer = await IntrospectAsync(identity.Client, id, secret, token);
        Assert.Equal(learns, answer != Inactive);
        Assert.Equal(learns, answer.StartsWith("""{"active":true,""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Administrator_changes_the_audiences_of_a_client_and_reads_them()
    {
        using var admin = await AdministratorAsync();
        var (id, secret) = await CreateAsync(admin, "");
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var token = await person.SignInAsync(identity.Client, Cancelled);

        using var added = await admin.PatchAsJsonAsync($"/api/admin/clients/{id}", new { audiences = Ours }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.NotEqual(Inactive, await IntrospectAsync(identity.Client, id, secret, token));
        Assert.Equal("""["kvaspire"]""", (await ListedAsync(admin, id))["audiences"]!.ToJsonString());

        using var taken = await admin.PatchAsJsonAsync($"/api/admin/clients/{id}", new { audiences = Array.Empty<string>(), disabled = false }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(Inactive, await IntrospectAsync(identity.Client, id, secret, token));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"audiences":"kvaspire"}""")]
    [InlineData("""{"audiences":[1]}""")]
    [InlineData("""{"audiences":[""]}""")]
    [InlineData("""{"audiences":["a b"]}""")]
    [InlineData("""{"audiences":["\u0000"]}""")]
    [InlineData("""{"audiences":["1","2","3","4","5","6","7","8","9"]}""")]
    [InlineData("""{"disabled":"yes","audiences":[]}""")]
    public async Task Invalid_change_of_a_client_is_refused(string json)
    {
        using var admin = await AdministratorAsync();
        var (id, _) = await CreateAsync(admin, "kvaspire");
        using var response = await admin.PatchAsync($"/api/admin/clients/{id}", Person.Json(JsonNode.Parse(json)!), Cancelled);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode is HttpStatusCode.BadRequest && body.Contains("INVALID_REQUEST", StringComparison.Ordinal), body);
        Assert.Equal("""["kvaspire"]""", (await ListedAsync(admin, id))["audiences"]!.ToJsonString());
    }

    [Fact]
    public async Task Each_client_has_a_budget_that_only_its_own_authenticated_requests_use_up()
    {
        await using var service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled), services => services.Configure<IntrospectionOptions>(options => options.PerMinute = 2));
        for (var i = 0; i < 3; i++)
        {
            using var stranger = await PostAsync(service.Client, "own-client", "not the secret", "x");
            Assert.NotEqual(HttpStatusCode.TooManyRequests, stranger.StatusCode);
        }

        Assert.Equal(Inactive, await IntrospectAsync(service.Client, "own-client", IdentityService.ClientSecret, "x"));
        Assert.Equal(Inactive, await IntrospectAsync(service.Client, "own-client", IdentityService.ClientSecret, "x"));
        using var refused = await PostAsync(service.Client, "own-client", IdentityService.ClientSecret, "x");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(Inactive, await IntrospectAsync(service.Client, "reader", IdentityService.ClientSecret, "x"));
    }

    private static async Task<(string Id, string Secret)> CreateAsync(HttpClient admin, string audiences)
    {
        var id = $"c{Guid.NewGuid():N}";
        using var created = await admin.PostAsJsonAsync("/api/admin/clients", new
        {
            client_id = id,
            scope = "kv:read",
            first_party = true,
            audiences = audiences.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return (id, (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["client_secret"]!.GetValue<string>());
    }

    private static async Task<JsonNode> ListedAsync(HttpClient admin, string id) =>
        (await admin.GetFromJsonAsync<JsonNode>("/api/admin/clients", Cancelled))!["data"]!["items"]!.AsArray()
            .Single(client => client!["client_id"]!.GetValue<string>() == id)!;

    private static async Task<string> IntrospectAsync(HttpClient client, string id, string secret, string token)
    {
        using var response = await PostAsync(client, id, secret, token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancelled);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string id, string secret, string token) => client.PostAsync(
        "/connect/introspect",
        new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token, ["client_id"] = id, ["client_secret"] = secret }), Cancelled);

    private async Task<JsonNode> TokenAsync(Dictionary<string, string> form)
    {
        using var response = await identity.Client.PostAsync("/connect/token", new FormUrlEncodedContent(form), Cancelled);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
    }

    private async Task<HttpClient> AdministratorAsync() => identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));
}
