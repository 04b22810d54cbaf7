using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

public sealed class TokenTests(IdentityFixture identity)
{
    private const string MissingFields = "Missing fields. Please provide both username and password.";
    private const string InvalidCredentials = "Invalid credentials. The provided username or password is incorrect.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_answers_200_with_an_access_token_that_must_not_be_cached()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);

        using var response = await SignInAsync(person.Credentials);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!;
        var token = body["data"]!["access_token"]!.GetValue<string>();
        var refreshToken = body["data"]!["refresh_token"]!.GetValue<string>();
        Assert.Equal(43, refreshToken.Length);
        await Envelope.AssertBodyAsync(response, 200, $$$"""{"status":"success","message":"Access token generated successfully.","data":{"access_token":"{{{token}}}","expires_in":3600,"token_type":"Bearer","refresh_token":"{{{refreshToken}}}","scope":"kv:read kv:write kv:account"}}""", Cancelled);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Token_has_the_header_and_the_claims_of_RFC_9068_and_no_others()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var token = new JsonWebToken(await person.SignInAsync(identity.Client, Cancelled));

        Assert.Equal("at+jwt", token.Typ);
        Assert.Equal("RS256", token.Alg);
        Assert.NotEmpty(token.Kid);
        Assert.Equal(["aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "scope", "sid", "sub"], token.Claims.Select(claim => claim.Type).Order(StringComparer.Ordinal));
        Assert.Equal(IdentityService.Issuer, token.Issuer);
        Assert.Equal(["kvaspire"], token.Audiences);
        Assert.Equal(id, token.Subject);
        Assert.Equal("kvaspire", token.GetClaim("client_id").Value);
        Assert.Equal("kv:read kv:write kv:account", token.GetClaim("scope").Value);
        var issuedAt = token.GetPayloadValue<long>("iat");
        Assert.InRange(issuedAt, before, before + 30);
        Assert.Equal(issuedAt, token.GetPayloadValue<long>("auth_time"));
        Assert.Equal(issuedAt + 3600, token.GetPayloadValue<long>("exp"));
    }

    [Fact]
    public async Task Two_tokens_of_one_user_have_different_ids()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        Assert.NotEqual(
            new JsonWebToken(await person.SignInAsync(identity.Client, Cancelled)).Id,
            new JsonWebToken(await person.SignInAsync(identity.Client, Cancelled)).Id);
    }

    [Fact]
    public async Task Username_signs_in_in_any_case()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        Assert.NotEmpty(await (person with { Username = person.Username.ToUpperInvariant() }).SignInAsync(identity.Client, Cancelled));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"username":"somebody"}""")]
    [InlineData("""{"password":"something"}""")]
    [InlineData("""{"username":"","password":"something"}""")]
    [InlineData("""{"username":"somebody","password":""}""")]
    [InlineData("""{"username":null,"password":"something"}""")]
    [InlineData("""{"username":1,"password":"something"}""")]
    [InlineData("""{"username":"somebody","password":["something"]}""")]
    [InlineData("""{"username":"somebody","password":"\ud800"}""")]
    public async Task Token_refuses_fields_that_are_missing_or_not_strings(string json)
    {
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await identity.Client.PostAsync("/api/token", body, Cancelled);
        await Envelope.AssertErrorAsync(response, 400, "MISSING_FIELDS", MissingFields, Cancelled);
    }

    [Fact]
    public async Task Token_answers_the_same_for_a_wrong_password_and_an_unknown_user()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);

        JsonObject[] attempts =
        [
            (person with { Password = "secure_password124" }).Credentials,
            (person with { Password = "Secure_password123" }).Credentials,
            (person with { Password = person.Password + " " }).Credentials,
            (person with { Password = new string('x', 129) }).Credentials,
            (person with { Password = new string('x', 30_000) }).Credentials,
            (person with { Username = person.Email }).Credentials,
            Person.New().Credentials,
            (Person.New() with { Username = "no such name" }).Credentials,
            (Person.New() with { Username = "nul\u0000" }).Credentials,
            (Person.New() with { Username = new string('x', 30_000) }).Credentials,
        ];
        foreach (var attempt in attempts)
        {
            using var response = await SignInAsync(attempt);
            await Envelope.AssertErrorAsync(response, 401, "INVALID_CREDENTIALS", InvalidCredentials, Cancelled);
        }
    }

    [Theory]
    [InlineData("null", "kv:read kv:write kv:account")]
    [InlineData("\"\"", "kv:read kv:write kv:account")]
    [InlineData("\" \"", "kv:read kv:write kv:account")]
    [InlineData("\"kv:read\"", "kv:read")]
    [InlineData("\"kv:account  kv:write kv:write\"", "kv:write kv:account")]
    [InlineData("\"kv:read kv:admin\"", null)]
    [InlineData("\"kv:internal\"", null)]
    [InlineData("\"kv:read unknown\"", null)]
    [InlineData("\"KV:READ\"", null)]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("\"\\u0000\"", null)]
    [InlineData("1", null)]
    [InlineData("[\"kv:read\"]", null)]
    public async Task Token_grants_the_scope_that_was_asked_for_and_refuses_an_unknown_one(string asked, string? granted)
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        await AssertGrantAsync($$"""{"username":"{{person.Username}}","password":"{{person.Password}}","scope":{{asked}}}""", granted);

        var (_, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        await AssertGrantAsync($$"""{"grant_type":"refresh_token","refresh_token":"{{refresh}}","scope":{{asked}}}""", granted);
        if (granted is null) // the refused request did not use up the token
            await AssertGrantAsync($$"""{"grant_type":"refresh_token","refresh_token":"{{refresh}}"}""", "kv:read kv:write kv:account");
    }

    private async Task AssertGrantAsync(string json, string? scope)
    {
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await identity.Client.PostAsync("/api/token", body, Cancelled);
        if (scope is null)
        {
            await Envelope.AssertErrorAsync(response, 400, "INVALID_SCOPE", "The requested scope is unknown, or may not be granted.", Cancelled);
            return;
        }

        var data = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!;
        Person.RefreshTokens.Add(data["refresh_token"]!.GetValue<string>());
        Assert.Equal(scope, data["scope"]!.GetValue<string>());
        Assert.Equal(scope, new JsonWebToken(data["access_token"]!.GetValue<string>()).GetClaim("scope").Value);
    }

    private Task<HttpResponseMessage> SignInAsync(JsonNode credentials) =>
        identity.Client.PostAsync("/api/token", Person.Json(credentials), Cancelled);
}
