using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Duende.IdentityModel.Client;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

public sealed class ConnectTests(IdentityFixture identity)
{
    private const string Own = "own-client";

    private static readonly string[] Described = ["sub", "client_id", "scope"];
    private static readonly string[] Forms = ["/connect/token", "/connect/revocation", "/connect/introspect"];
    private static readonly string[] Words =
    [
        "grant_type", "refresh_token", "client_credentials", "client_id", "client_secret", "token", "guessed", "scope", "kv:read", "\0", "\uffff", "%", "'; --",
        new string('x', 5000), "",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClientCredentialStyle.AuthorizationHeader)]
    [InlineData(ClientCredentialStyle.PostBody)]
    public async Task Standard_client_discovers_gets_refreshes_introspects_and_revokes(ClientCredentialStyle style)
    {
        using var client = identity.Service.ClientThroughTheGateway();
        var discovery = await client.GetDiscoveryDocumentAsync(cancellationToken: Cancelled);
        Assert.False(discovery.IsError, discovery.Error);

        // 1. The client gets a token for itself.
        var own = await client.RequestClientCredentialsTokenAsync(As(new ClientCredentialsTokenRequest(), discovery.TokenEndpoint, style), Cancelled);
        Assert.False(own.IsError, own.Error);
        Assert.Equal((3600, "Bearer", "kv:read kv:write", null), (own.ExpiresIn, own.TokenType, own.Scope, own.RefreshToken));
        Assert.Equal((Own, Own), (new JsonWebToken(own.AccessToken).Subject, new JsonWebToken(own.AccessToken).GetClaim("client_id").Value));

        // 2. It signs a user in by password, and refreshes.
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        var password = As(new PasswordTokenRequest { UserName = person.Username, Password = person.Password, Scope = "kv:read" }, discovery.TokenEndpoint, style);
        var signedIn = await client.RequestPasswordTokenAsync(password, Cancelled);
        Assert.False(signedIn.IsError, signedIn.Error);
        Assert.Equal("kv:read", signedIn.Scope);
        var refreshed = await client.RequestRefreshTokenAsync(
            As(new RefreshTokenRequest { RefreshToken = signedIn.RefreshToken! }, discovery.TokenEndpoint, style), Cancelled);
        Assert.False(refreshed.IsError, refreshed.Error);

        // 3. It introspects the tokens.
        var access = await IntrospectAsync(refreshed.AccessToken!);
        Assert.True(access.IsActive);
        Assert.Equal([id, Own, "kv:read"], Described.Select(name => access.Claims.Single(claim => claim.Type == name).Value));
        Assert.True((await IntrospectAsync(refreshed.RefreshToken!)).IsActive);
        Assert.True((await IntrospectAsync(signedIn.RefreshToken!)).IsActive); // within the grace
        Assert.False((await IntrospectAsync("garbage")).IsActive);
        var user = await client.GetUserInfoAsync(new UserInfoRequest { Address = discovery.UserInfoEndpoint, Token = refreshed.AccessToken }, Cancelled);
        Assert.Equal($"sub {id}, preferred_username {person.Username}, name John Doe, email {person.Email}",
            string.Join(", ", user.Claims.Select(claim => $"{claim.Type} {claim.Value}")));

        // 4. It revokes an access token, then the session.
        Assert.False((await RevokeAsync(own.AccessToken!)).IsError);
        Assert.False((await IntrospectAsync(own.AccessToken!)).IsActive);
        Assert.False((await RevokeAsync(refreshed.RefreshToken!)).IsError);
        Assert.False((await IntrospectAsync(refreshed.AccessToken!)).IsActive);
        Assert.False((await IntrospectAsync(signedIn.AccessToken!)).IsActive);
        Assert.False((await RevokeAsync("garbage")).IsError);
        var late = await client.RequestRefreshTokenAsync(
            As(new RefreshTokenRequest { RefreshToken = refreshed.RefreshToken! }, discovery.TokenEndpoint, style), Cancelled);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (late.HttpStatusCode, late.Error));

        Task<TokenIntrospectionResponse> IntrospectAsync(string token) => client.IntrospectTokenAsync(
            As(new TokenIntrospectionRequest { Token = token }, discovery.IntrospectionEndpoint, style), Cancelled);
        Task<TokenRevocationResponse> RevokeAsync(string token) => client.RevokeTokenAsync(
            As(new TokenRevocationRequest { Token = token }, discovery.RevocationEndpoint, style), Cancelled);
    }

    [Theory]
    [InlineData("", null, 400, "invalid_request")]
    [InlineData("grant_type=", null, 400, "invalid_request")]
    [InlineData("grant_type=password&grant_type=password", null, 400, "invalid_request")]
    [InlineData("grant_type=authorization_code&code=x", null, 400, "unsupported_grant_type")]
    [InlineData("grant_type=client_credentials", null, 400, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id=kvaspire", null, 400, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id=guessed&client_secret=wrong", null, 400, "invalid_client")]
    [InlineData("grant_type=client_credentials&resource=https%3A%2F%2Fother.example", "reader:right", 400, "invalid_target")]
    [InlineData("grant_type=client_credentials&resource=kvaspire", "reader:right", 400, "invalid_target")]
    [InlineData("grant_type=client_credentials&resource=http%3A%2F%2Flocalhost%3A18080%2Fapi", "reader:right", 400, "invalid_target")]
    [InlineData("grant_type=client_credentials&resource=http%3A%2F%2Flocalhost%3A18080&resource=https%3A%2F%2Fother.example", "reader:right", 400, "invalid_target")]
    [InlineData("grant_type=password&username=a&password=b&resource=https%3A%2F%2Fother.example", null, 400, "invalid_target")]
    [InlineData("grant_type=refresh_token&refresh_token=x&resource=https%3A%2F%2Fother.example", null, 400, "invalid_target")]
    [InlineData("grant_type=client_credentials", "guessed:wrong", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials", "nobody:x", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials", "%00:x", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials", "no colon", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id=reader&client_secret=x", "reader:right", 400, "invalid_request")]
    [InlineData("grant_type=client_credentials&client_id=own-client", "reader:right", 400, "invalid_request")]
    [InlineData("grant_type=client_credentials&scope=kv:write", "reader:right", 400, "invalid_scope")]
    [InlineData("grant_type=client_credentials&scope=kv:internal", "reader:right", 400, "invalid_scope")]
    [InlineData("grant_type=password&username=a&password=b", "reader:right", 400, "unauthorized_client")]
    [InlineData("grant_type=password&username=a", null, 400, "invalid_request")]
    [InlineData("grant_type=password&username=a%00b&password=b", null, 400, "invalid_request")]
    [InlineData("grant_type=refresh_token", null, 400, "invalid_request")]
    [InlineData("grant_type=refresh_token&refresh_token=%ff%fe", null, 400, "invalid_grant")]
    public async Task Token_endpoint_answers_errors_in_the_format_of_RFC_6749(string form, string? credentials, int status, string error)
    {
        using var response = await PostAsync("/connect/token", form, credentials);
        await AssertErrorAsync(response, status, error);
    }

    [Theory]
    [InlineData("http://localhost:18080")]
    [InlineData("http://localhost:18080/")]
    [InlineData("")]
    public async Task Token_for_the_issuer_as_resource_is_granted(string resource)
    {
        using var response = await PostAsync("/connect/token", $"grant_type=client_credentials&resource={Uri.EscapeDataString(resource)}", "reader:right");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Every_refusal_at_the_OAuth_endpoints_has_the_format_of_RFC_6749()
    {
        foreach (var path in Forms)
        {
            await AssertErrorAsync(await PostAsync(path, "token=x&grant_type=client_credentials", "guessed:wrong"), 401, "invalid_client");
            await AssertErrorAsync(await PostAsync(path, "token=x&grant_type=client_credentials&client_id=guessed&client_secret=wrong", null), 400, "invalid_client");
            await AssertErrorAsync(await identity.Client.GetAsync(path, Cancelled), 405, "invalid_request");
        }

        using var userInfo = await identity.Client.GetAsync("/connect/userinfo", Cancelled);
        Assert.Equal("Bearer realm=\"kvaspire\"", userInfo.Headers.WwwAuthenticate.ToString());
        Assert.StartsWith("{\"error\":\"invalid_token\",\"error_description\":\"", await userInfo.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_hash_queue_and_lost_database_are_OAuth_errors()
    {
        await using var service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled), services => services.Configure<HashingOptions>(passwords => (passwords.Concurrency, passwords.MaxWaiting, passwords.MaxWaitingPerAddress) = (1, 1, 1)));
        using var client = new HttpClient { BaseAddress = service.Client.BaseAddress };
        var signIns = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["username"] = "someone",
            ["password"] = "a wrong password",
        }), Cancelled)));
        var refused = signIns.First(answer => answer.StatusCode is HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(refused.Headers.RetryAfter);
        await AssertErrorAsync(refused, 503, "temporarily_unavailable");

        await identity.DropDatabaseAsync(service.Database, Cancelled);
        using var failed = await client.PostAsync("/connect/revocation", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["token"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        }), Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.StartsWith("""{"error":"temporarily_unavailable",""", await failed.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_gets_only_its_registered_scopes_and_grants()
    {
        using var response = await PostAsync("/connect/token", "grant_type=client_credentials", "reader:right");
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Contains("\"scope\":\"kv:read\"", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_client_cannot_use_a_refresh_token()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var (_, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);

        await AssertErrorAsync(await PostAsync("/connect/token", $"grant_type=refresh_token&refresh_token={refresh}", "own-client:right"), 400, "invalid_grant");
        await AssertErrorAsync(await PostAsync("/connect/revocation", $"token={refresh}", "own-client:right"), 400, "unauthorized_client");
        using var asItself = await PostAsync("/connect/token", $"grant_type=refresh_token&refresh_token={refresh}&client_id=kvaspire", null);
        Assert.Equal(HttpStatusCode.OK, asItself.StatusCode);
    }

    [Fact]
    public async Task Refresh_that_exceeds_the_grant_leaves_the_token_valid()
    {
        var first = await SignInAsync();
        await AssertErrorAsync(await RefreshAsync(first, "kv:read kv:admin"), 400, "invalid_scope");
        var second = await NextAsync(first);
        await AssertErrorAsync(await RefreshAsync(first, "kv:admin"), 400, "invalid_scope");
        Assert.Equal(second, await NextAsync(first));
        Assert.NotEqual(second, await NextAsync(second));
        await AssertErrorAsync(await RefreshAsync(first, "kv:admin"), 400, "invalid_grant");
    }

    [Fact]
    public async Task Sign_out_with_the_old_refresh_token_within_the_grace_ends_the_session()
    {
        var first = await SignInAsync();
        var second = await NextAsync(first);

        using var revoked = await PostAsync("/connect/revocation", $"token={first}", "own-client:right");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await AssertErrorAsync(await RefreshAsync(second), 400, "invalid_grant");
    }

    [Fact]
    public async Task Refresh_token_whose_successor_was_used_is_refused_everywhere()
    {
        var first = await SignInAsync();
        var third = await NextAsync(await NextAsync(first));

        using var introspected = await PostAsync("/connect/introspect", $"token={first}", "own-client:right");
        Assert.Equal("""{"active":false}""", await introspected.Content.ReadAsStringAsync(Cancelled));
        using var revoked = await PostAsync("/connect/revocation", $"token={first}", "own-client:right");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await NextAsync(third);
    }

    [Fact]
    public async Task Introspection_requires_a_client_with_a_secret()
    {
        await AssertErrorAsync(await PostAsync("/connect/introspect", "token=x", null), 400, "invalid_client");
        await AssertErrorAsync(await PostAsync("/connect/introspect", "", "reader:right"), 400, "invalid_request");
        await AssertErrorAsync(await PostAsync("/connect/revocation", "", "reader:right"), 400, "invalid_request");
    }

    [Fact]
    public async Task Token_of_a_client_gives_no_access_to_an_account()
    {
        using var client = identity.Service.ClientThroughTheGateway();
        var own = await client.RequestClientCredentialsTokenAsync(
            As(new ClientCredentialsTokenRequest(), "/connect/token", ClientCredentialStyle.PostBody), Cancelled);
        using var bearer = identity.Service.ClientWith(own.AccessToken!);

        using var userInfo = await bearer.GetAsync("/connect/userinfo", Cancelled);
        Assert.Equal((HttpStatusCode.Forbidden, "Bearer realm=\"kvaspire\", error=\"insufficient_scope\""), (userInfo.StatusCode, userInfo.Headers.WwwAuthenticate.ToString()));
        Assert.StartsWith("{\"error\":\"insufficient_scope\",", await userInfo.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        foreach (var path in new[] { "/api/account/sessions", "/api/keys" })
        {
            using var response = await bearer.GetAsync(path, Cancelled);
            await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE", "The access token does not grant what this request needs.", Cancelled);
        }

        using var claims = await bearer.GetAsync("/connect/userinfo", Cancelled);
        Assert.Equal(403, (int)claims.StatusCode);
        Assert.StartsWith("""{"error":"insufficient_scope",""", await claims.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data; boundary=x", "--x--")]
    [InlineData(null, "grant_type=password")]
    public async Task Body_that_is_not_a_form_is_refused(string? contentType, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        foreach (var path in Forms)
            await AssertErrorAsync(await identity.Client.PostAsync(path, content, Cancelled), 400, "invalid_request");
    }

    [Fact]
    public async Task Hostile_forms_never_cause_a_server_error()
    {
        var random = new Random(7009);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(0, 400)];
            random.NextBytes(bytes);
            var form = round % 3 == 0 ? Encoding.Latin1.GetString(bytes)
                : string.Join('&', Enumerable.Range(0, random.Next(1, 40)).Select(_ => $"{Pick(random)}={Uri.EscapeDataString(Pick(random))}"));
            using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(form)) { Headers = { ContentType = new("application/x-www-form-urlencoded") } };
            using var response = await identity.Client.PostAsync(
                Forms[round % 3 == 0 ? random.Next(3) : round % 3], content, Cancelled);
            Assert.InRange((int)response.StatusCode, 200, 499);
        }
    }

    private static string Pick(Random random) => Words[random.Next(Words.Length)];

    private static T As<T>(T request, string? address, ClientCredentialStyle style)
        where T : ProtocolRequest
    {
        (request.Address, request.ClientId, request.ClientSecret, request.ClientCredentialStyle) = (address, Own, IdentityService.ClientSecret, style);
        return request;
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string error)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(Cancelled);
            Assert.True((int)response.StatusCode == status && body.StartsWith($"{{\"error\":\"{error}\",\"error_description\":\"", StringComparison.Ordinal),
                $"{(int)response.StatusCode} {body}");
            Assert.Matches("\"trace_id\":\"[0-9a-f]{32}\"}$", body);
            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.Equal(status == 401 ? "Basic realm=\"kvaspire\"" : "", response.Headers.WwwAuthenticate.ToString());
        }
    }

    private async Task<string> SignInAsync()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        return await RefreshTokenAsync(await PostAsync("/connect/token", $"grant_type=password&username={person.Username}&password={person.Password}", "own-client:right"));
    }

    private Task<HttpResponseMessage> RefreshAsync(string token, string scope = "") =>
        PostAsync("/connect/token", $"grant_type=refresh_token&refresh_token={token}&scope={Uri.EscapeDataString(scope)}", "own-client:right");

    private async Task<string> NextAsync(string token) => await RefreshTokenAsync(await RefreshAsync(token));

    private static async Task<string> RefreshTokenAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(Cancelled);
            Assert.True(response.StatusCode is HttpStatusCode.OK, body);
            return JsonNode.Parse(body)!["refresh_token"]!.GetValue<string>();
        }
    }

    private Task<HttpResponseMessage> PostAsync(string path, string form, string? credentials)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded"),
        };
        if (credentials is not null)
        {
            var basic = credentials.Replace(":right", $":{IdentityService.ClientSecret}", StringComparison.Ordinal);
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        }

        return identity.Client.SendAsync(request, Cancelled);
    }
}
