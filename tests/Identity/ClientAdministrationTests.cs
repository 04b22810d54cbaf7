using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class ClientAdministrationTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Administrator_registers_a_client_whose_secret_is_shown_once_and_stored_hashed()
    {
        using var admin = await AdministratorAsync();
        var id = NewId();
        var secret = await CreateAsync(admin, id, "kv:read");

        Assert.Equal(43, secret.Length);
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(id, secret));
        var list = await admin.GetStringAsync("/api/admin/clients", Cancelled);
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, list, StringComparison.Ordinal);
        Assert.Equal(["0"], await IdentityFixture.QueryAsync(identity.Service.Database, $"SELECT count(*) FROM clients WHERE clients::text LIKE '%{secret}%'", Cancelled));

        using var again = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = id, scope = "kv:read" }, Cancelled);
        await Envelope.AssertErrorAsync(again, 409, "CLIENT_EXISTS", "This client_id is or was in use. Please choose another one.", Cancelled);
    }

    [Fact]
    public async Task New_secret_replaces_the_old_one()
    {
        using var admin = await AdministratorAsync();
        var id = NewId();
        var old = await CreateAsync(admin, id, "kv:read");
        using var rotated = await admin.PostAsync($"/api/admin/clients/{id}/secret", null, Cancelled);
        var secret = (await rotated.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["client_secret"]!.GetValue<string>();

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (await TokenAsync(id, old), await TokenAsync(id, secret)));
    }

    [Fact]
    public async Task Disabled_or_deleted_client_is_refused_and_its_tokens_are_revoked()
    {
        using var admin = await AdministratorAsync();
        var id = NewId();
        var secret = await CreateAsync(admin, id, "kv:read kv:write");

        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsJsonAsync($"/api/admin/clients/{id}", new { disabled = true }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await TokenAsync(id, secret));
        Assert.Contains($"\"kind\":\"sub\",\"value\":\"{id}\"", await identity.Client.GetStringAsync("/internal/revocations?after=0", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsJsonAsync($"/api/admin/clients/{id}", new { disabled = false }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(id, secret));
        Assert.Equal(HttpStatusCode.OK, (await admin.DeleteAsync($"/api/admin/clients/{id}", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await TokenAsync(id, secret));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"/api/admin/clients/{id}", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("UPDATE clients SET disabled = true")]
    [InlineData("DELETE FROM clients")]
    public async Task Sign_in_at_a_client_that_is_disabled_or_deleted_meanwhile_begins_no_session(string change)
    {
        using var admin = await AdministratorAsync();
        var id = NewId();
        var secret = await CreateAsync(admin, id, "kv:read", firstParty: true);
        var person = Person.New();
        var userId = await person.RegisterAsync(identity.Client, Cancelled);
        await using var postgres = NpgsqlDataSource.Create(identity.Service.Database);
        await using var remover = await postgres.OpenConnectionAsync(Cancelled);
        await using var removal = await remover.BeginTransactionAsync(Cancelled);
        await using (var remove = new NpgsqlCommand($"{change} WHERE id = '{id}'", remover))
            await remove.ExecuteNonQueryAsync(Cancelled);

        var signIn = SignInAsync(id, secret, person);
        await identity.WaitUntilHeldUpAsync(remover, signIn, Cancelled);
        await removal.CommitAsync(Cancelled);

        using var refused = await signIn;
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("""{"error":"invalid_grant",""", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(["0"], await QueryAsync($"SELECT count(*) FROM sessions WHERE user_id = '{userId}'"));
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task Interrupted_deletion_of_a_client_changes_nothing_and_can_be_repeated(string method)
    {
        using var admin = await AdministratorAsync();
        var id = NewId();
        var secret = await CreateAsync(admin, id, "kv:read", firstParty: true);
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        using var signedIn = await SignInAsync(id, secret, person);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        await using var postgres = NpgsqlDataSource.Create(identity.Service.Database);
        await using var holder = await postgres.OpenConnectionAsync(Cancelled);
        await using (var hold = await holder.BeginTransactionAsync(Cancelled))
        {
            await using var sessions = new NpgsqlCommand($"SELECT FROM sessions WHERE client_id = '{id}' FOR UPDATE", holder);
            await sessions.ExecuteNonQueryAsync(Cancelled);
            using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            var removal = RemoveAsync(impatient.Token);
            await identity.WaitUntilHeldUpAsync(holder, removal, Cancelled);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
            await identity.WaitUntilNothingIsHeldUpAsync(holder, Cancelled);
        }

        Assert.Equal(HttpStatusCode.OK, await TokenAsync(id, secret));
        using var repeated = await RemoveAsync(Cancelled);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await TokenAsync(id, secret));
        Assert.Equal(["0"], await QueryAsync($"SELECT count(*) FROM sessions WHERE client_id = '{id}'"));

        async Task<HttpResponseMessage> RemoveAsync(CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(new(method), $"/api/admin/clients/{id}") { Content = JsonContent.Create(new { disabled = true }) };
            return await admin.SendAsync(request, cancellationToken);
        }
    }

    [Theory]
    [InlineData("""{"client_id":"ab","scope":"kv:read"}""")]
    [InlineData("""{"client_id":"kvaspire","scope":"kv:read"}""")]
    [InlineData("""{"client_id":"api-key","scope":"kv:read"}""")]
    [InlineData("""{"client_id":"a1b2c3d4-0000-7000-8000-000000000000","scope":"kv:read"}""")]
    [InlineData("""{"client_id":"Good-Name","scope":"kv:read"}""")]
    [InlineData("""{"client_id":"good-name\n","scope":"kv:read","name":"good name"}""")]
    [InlineData("""{"client_id":"good-name"}""")]
    [InlineData("""{"client_id":"good-name","scope":""}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:internal"}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:read kv:account"}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:read","name":1}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:read","first_party":"yes"}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:read","audiences":"kvaspire"}""")]
    [InlineData("""{"client_id":"good-name","scope":"kv:read","audiences":["a b"]}""")]
    public async Task Invalid_client_is_refused(string json)
    {
        using var admin = await AdministratorAsync();
        using var response = await admin.PostAsync("/api/admin/clients", Person.Json(JsonNode.Parse(json)!), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("INVALID_CLIENT", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_who_is_no_administrator_is_refused()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        using var user = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));
        foreach (var path in new[] { "/api/admin/clients", "/api/admin/signing-keys" })
        {
            using var response = await user.GetAsync(path, Cancelled);
            await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE", "The access token does not grant what this request needs.", Cancelled);
        }
    }

    private static string NewId() => $"c{Guid.NewGuid():N}";

    private static async Task<string> CreateAsync(HttpClient admin, string id, string scope, bool firstParty = false)
    {
        using var created = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = id, scope, first_party = firstParty }, Cancelled);
        var body = await created.Content.ReadAsStringAsync(Cancelled);
        Assert.True(created.StatusCode is HttpStatusCode.Created, body);
        return JsonNode.Parse(body)!["data"]!["client_secret"]!.GetValue<string>();
    }

    private async Task<HttpClient> AdministratorAsync() => identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => IdentityFixture.QueryAsync(identity.Service.Database, sql, Cancelled);

    private Task<HttpResponseMessage> SignInAsync(string id, string secret, Person person) => identity.Client.PostAsync(
        "/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = id,
            ["client_secret"] = secret,
            ["username"] = person.Username,
            ["password"] = person.Password,
        }), Cancelled);

    private async Task<HttpStatusCode> TokenAsync(string id, string secret)
    {
        using var response = await identity.Client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = id,
            ["client_secret"] = secret,
        }), Cancelled);
        return response.StatusCode;
    }
}
