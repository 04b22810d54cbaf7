using KvAspire.Gateway.Routes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Tests;

public sealed class RouteTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Theory]
    [InlineData("POST", "/api/register", "identity")]
    [InlineData("POST", "/api/token", "identity")]
    [InlineData("GET", "/.well-known/openid-configuration", "identity")]
    [InlineData("HEAD", "/.well-known/openid-configuration", "identity")]
    [InlineData("GET", "/.well-known/jwks.json", "identity")]
    [InlineData("HEAD", "/.well-known/jwks.json", "identity")]
    [InlineData("GET", "/.well-known/oauth-authorization-server", "identity")]
    [InlineData("POST", "/connect/token", "identity")]
    [InlineData("POST", "/connect/revocation", "identity")]
    [InlineData("POST", "/connect/introspect", "identity")]
    public async Task Anonymous_routes_reach_their_service_without_a_token(string method, string path, string service)
    {
        using var client = running.Gateway.Client();

        await AssertReachesAsync(client, method, path, service);
    }

    [Theory]
    [InlineData("GET", "/api/data")]
    [InlineData("HEAD", "/api/data")]
    [InlineData("POST", "/api/data")]
    [InlineData("PUT", "/api/data")]
    [InlineData("DELETE", "/api/data")]
    [InlineData("GET", "/api/data/users/42")]
    [InlineData("HEAD", "/api/data/users/42")]
    [InlineData("PUT", "/api/data/users/42")]
    [InlineData("DELETE", "/api/data/users/42")]
    [InlineData("POST", "/api/bulk")]
    [InlineData("POST", "/api/txn")]
    [InlineData("POST", "/api/counters")]
    [InlineData("POST", "/api/counters/visits/today")]
    [InlineData("GET", "/api/watch")]
    [InlineData("GET", "/api/revisions")]
    [InlineData("HEAD", "/api/revisions")]
    [InlineData("POST", "/api/revisions/restore")]
    [InlineData("GET", "/api/usage")]
    [InlineData("HEAD", "/api/usage")]
    public async Task Data_routes_reach_the_data_service_with_a_token(string method, string path)
    {
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));

        await AssertReachesAsync(client, method, path, "data");
    }

    [Theory]
    [InlineData("GET", "/connect/userinfo")]
    [InlineData("POST", "/api/logout")]
    [InlineData("GET", "/api/account")]
    [InlineData("PATCH", "/api/account")]
    [InlineData("DELETE", "/api/account")]
    [InlineData("POST", "/api/account/password")]
    [InlineData("GET", "/api/account/export")]
    [InlineData("GET", "/api/account/sessions")]
    [InlineData("DELETE", "/api/account/sessions/1")]
    [InlineData("GET", "/api/keys")]
    [InlineData("POST", "/api/keys")]
    [InlineData("DELETE", "/api/keys/1")]
    public async Task Account_routes_reach_Identity_with_a_session_token_only(string method, string path)
    {
        using var person = running.Gateway.Client(running.Issuer.IssueForSession("user"));
        await AssertReachesAsync(person, method, path, "identity");

        var machines = running.Issuer.Describe("user", TestIssuer.SessionScope);
        (machines.Claims["sid"], machines.Claims["client_id"]) = ("key", "api-key");
        foreach (var token in new[] { running.Issuer.Issue("client", TestIssuer.SessionScope), TestIssuer.Sign(machines) })
        {
            using var client = running.Gateway.Client(token);
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            const string Message = "The access token does not grant what this request needs.";
            if (path.StartsWith("/connect/", StringComparison.Ordinal))
                await Envelope.AssertOAuthErrorAsync(response, 403, "insufficient_scope", Message, TestContext.Current.CancellationToken);
            else
                await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE", Message, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("GET", "/api/account")]
    [InlineData("PATCH", "/api/account")]
    [InlineData("DELETE", "/api/account")]
    [InlineData("POST", "/api/account/password")]
    [InlineData("GET", "/api/account/export")]
    [InlineData("GET", "/api/account/sessions")]
    [InlineData("DELETE", "/api/account/sessions/1")]
    [InlineData("GET", "/api/keys")]
    [InlineData("POST", "/api/keys")]
    [InlineData("DELETE", "/api/keys/1")]
    public async Task Account_routes_refuse_a_session_without_the_scope_kv_account(string method, string path)
    {
        using var person = running.Gateway.Client(running.Issuer.IssueForSession("user", "kv:read kv:write kv:admin"));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await person.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("Bearer realm=\"kvaspire\", error=\"insufficient_scope\", scope=\"kv:account\"", response.Headers.WwwAuthenticate.ToString());
        await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE",
            "The access token does not grant what this request needs.", TestContext.Current.CancellationToken);
    }

    // It has no auth_time.
    [Theory]
    [InlineData("kvaspire", "kv:read kv:write", 200)]
    [InlineData("kvaspire", "kv:read kv:write kv:admin", 200)]
    [InlineData("kvaspire", "kv:read", 403)]
    [InlineData("kvaspire", "kv:write kv:admin", 403)]
    [InlineData("partner", "kv:read kv:write", 403)]
    [InlineData("api-key", "kv:read kv:write", 403)]
    public async Task A_session_token_of_the_release_before_acts_on_the_account_if_it_grants_all_entries(string client, string scope, int status)
    {
        var token = running.Issuer.Describe("user", scope);
        (token.Claims["sid"], token.Claims["client_id"]) = ("session", client);
        using var person = running.Gateway.Client(TestIssuer.Sign(token));
        using var response = await person.GetAsync("/api/account", TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_user_who_must_change_the_password_reaches_no_other_route_that_needs_a_token()
    {
        using var person = running.Gateway.Client(running.Issuer.IssueForSession("user", "kv:password"));
        await AssertReachesAsync(person, "POST", "/api/account/password", "identity");

        foreach (var route in PublicRoutes.All.Where(route => route.Policy is not PublicRoute.Anonymous && route.Id is not "account-password"))
        {
            var path = route.Path.Replace("{**key}", "k", StringComparison.Ordinal).Replace("{**rest}", "users", StringComparison.Ordinal)
                .Replace("{id}", "1", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(route.Methods[0]), path);
            using var response = await person.SendAsync(request, TestContext.Current.CancellationToken);
            const string Sentence = "Please change your password first, with POST /api/account/password. Then sign in again.";
            if (route.HasOAuthErrors)
                await Envelope.AssertOAuthErrorAsync(response, 403, "insufficient_scope", Sentence, TestContext.Current.CancellationToken);
            else
                await Envelope.AssertErrorAsync(response, 403, "PASSWORD_CHANGE_REQUIRED", Sentence, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("GET", "/api/admin/users")]
    [InlineData("PATCH", "/api/admin/users/1")]
    [InlineData("POST", "/api/admin/signing-keys/rotate")]
    [InlineData("DELETE", "/api/admin/clients/1")]
    public async Task Administration_routes_reach_Identity_with_the_scope_kv_admin_only(string method, string path)
    {
        using var administrator = running.Gateway.Client(running.Issuer.Issue("user", "kv:admin"));
        await AssertReachesAsync(administrator, method, path, "identity");

        using var user = running.Gateway.Client(running.Issuer.Issue("user"));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await user.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(403, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("/internal/revocations")]
    [InlineData("/internal/api-keys/exchange")]
    [InlineData("/internal/signing-keys/rotate")]
    [InlineData("/internal/history/compact")]
    [InlineData("/internal/owners/user")]
    public async Task Internal_routes_of_services_are_404_for_the_public(string path)
    {
        foreach (var method in new[] { "GET", "POST", "DELETE" })
        {
            using var client = running.Gateway.Client(running.Issuer.Issue("user", "kv:internal kv:admin"));
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(404, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/datax")]
    [InlineData("/api/token/x")]
    [InlineData("/connectx")]
    [InlineData("/connect/unknown")]
    [InlineData("/data/health")]
    [InlineData("/internal/owners/user")]
    public async Task An_unknown_path_is_404_and_needs_no_token(string path)
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(
            response, 404, "NOT_FOUND", "There is nothing at this address.", TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("GET", "/api/register", "POST")]
    [InlineData("PUT", "/api/token", "POST")]
    [InlineData("DELETE", "/.well-known/jwks.json", "GET, HEAD")]
    [InlineData("PATCH", "/api/data", "DELETE, GET, HEAD, POST, PUT")]
    [InlineData("POST", "/api/data/key", "DELETE, GET, HEAD, PUT")]
    [InlineData("OPTIONS", "/api/data/key", "DELETE, GET, HEAD, PUT")]
    public async Task A_wrong_method_is_405_with_Allow_and_needs_no_token(string method, string path, string allowed)
    {
        using var client = running.Gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(
            response, 405, "METHOD_NOT_ALLOWED", "This address does not answer this method.", TestContext.Current.CancellationToken);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order()));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Health_is_answered_by_the_gateway_itself(string path)
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("healthy", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Services_with_only_http_endpoints_are_called_over_HTTP_1()
    {
        await using var data = await Backend.StartAsync("data", HttpProtocols.Http1);
        await using var gateway = new GatewayUnderTest().With(running.Issuer).With("data", "http", data.Address).Start();
        using var client = gateway.Client(running.Issuer.Issue("user"));

        Assert.Equal("""{"backend":"data"}""", await client.GetStringAsync("/api/data/key", TestContext.Current.CancellationToken));

        Assert.Equal("HTTP/1.1", Assert.Single(data.Arrivals).Protocol);
    }

    private async Task AssertReachesAsync(HttpClient client, string method, string path, string service)
    {
        var target = $"{path}?{Guid.NewGuid():N}";
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (method is "POST" or "PUT")
            request.Content = new StringContent("{}");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(method == "HEAD" ? "" : $$"""{"backend":"{{service}}"}""", body);
        var backend = service == "data" ? running.Data : running.Identity;
        var arrival = Assert.Single(backend.Arrivals, arrival => arrival.Target == target);
        Assert.Equal((method, "HTTP/2"), (arrival.Method, arrival.Protocol));
        Assert.Equal(request.Content is null ? 0 : 2, arrival.Bytes);
    }
}
