using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.Gateway.Docs;
using KvAspire.Gateway.Routes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>The gateway's own refusals of OAuth routes, which standard clients read as OAuth errors.</summary>
public sealed class OAuthErrorTests : IAsyncLifetime
{
    private const string Down = "The service is temporarily unavailable; nothing was stored. Please try again later.";

    private TestIssuer issuer = null!;
    private Backend identity = null!;

    public static IEnumerable<TheoryDataRow<string, string>> Requests => PublicRoutes.All.Where(route => route.HasOAuthErrors)
        .SelectMany(route => route.Methods.Select(method => new TheoryDataRow<string, string>(method, route.Path)));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        identity = await Backend.StartAsync("identity");
    }

    public async ValueTask DisposeAsync()
    {
        await identity.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_beyond_the_budget_is_temporarily_unavailable(string method, string path)
    {
        await using var gateway = Start(identity.Address, ("RateLimits:SignIn:Limit", "1"), ("RateLimits:Other:Limit", "1"), ("RateLimits:Account:Limit", "1"), ("RateLimits:Introspection:Limit", "1"));
        using var client = gateway.Client(issuer.IssueForSession("user"));
        using (var first = await SendAsync(client, method, path))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var refused = await SendAsync(client, method, path);

        await AssertErrorAsync(refused, 429, "temporarily_unavailable", "Too many requests. Please try again later.");
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_lost_service_is_temporarily_unavailable(string method, string path)
    {
        using var closed = new ClosedPort();
        await using var gateway = Start(closed.Address);
        using var client = gateway.Client(issuer.IssueForSession("user"));

        using var refused = await SendAsync(client, method, path);

        await AssertErrorAsync(refused, 503, "temporarily_unavailable", Down);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_broken_response_and_one_after_the_time_limit_are_server_errors()
    {
        await using var gateway = Start(identity.Address, ("Timeouts:connect-token", "00:00:00.3"));
        using var client = gateway.Client();
        identity.Answer = Backend.CutAsync;
        using (var broken = await SendAsync(client, "POST", "/connect/token"))
            await AssertErrorAsync(broken, 502, "server_error", "The service behind the gateway gave no valid answer. Please try again later.");

        identity.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var late = await SendAsync(client, "POST", "/connect/token");
        await AssertErrorAsync(late, 504, "server_error", "The service behind the gateway did not answer in time. Please try again later.");
    }

    [Theory]
    [InlineData("POST", "/connect/token", 3_000_000, 413, "The request body is larger than allowed.")]
    [InlineData("GET", "/connect/token", 0, 405, "This address does not answer this method.")]
    [InlineData("DELETE", "/CONNECT/userinfo/", 0, 405, "This address does not answer this method.")]
    public async Task A_request_that_the_gateway_refuses_is_invalid(string method, string path, int length, int status, string description)
    {
        await using var gateway = Start(identity.Address);
        using var client = gateway.Client();
        using var refused = await SendAsync(client, method, path, length);
        await AssertErrorAsync(refused, status, "invalid_request", description);
    }

    [Theory]
    [InlineData(null, "kv:read", 401, "invalid_token", "Invalid access token provided.", "Bearer realm=\"kvaspire\"")]
    [InlineData("x.y.z", "", 401, "invalid_token", "Invalid access token provided.", "Bearer realm=\"kvaspire\", error=\"invalid_token\"")]
    [InlineData("client", "kv:read", 403, "insufficient_scope", "The access token does not grant what this request needs.", "Bearer realm=\"kvaspire\", error=\"insufficient_scope\"")]
    public async Task A_token_that_userinfo_refuses_gets_the_error_of_RFC_6750(
        string? token, string scope, int status, string error, string description, string challenge)
    {
        await using var gateway = Start(identity.Address);
        using var client = gateway.Client(token is "client" ? issuer.Issue("client", scope) : token);
        client.DefaultRequestHeaders.Add("Accept", "application/problem+json"); // a standard client's error all the same

        using var refused = await client.GetAsync("/connect/userinfo", Cancelled);

        Assert.Equal(challenge, refused.Headers.WwwAuthenticate.ToString());
        await AssertErrorAsync(refused, status, error, description);
    }

    [Fact]
    public async Task Other_paths_keep_the_envelope()
    {
        await using var gateway = Start(identity.Address);
        using var client = gateway.Client();
        using var unknown = await client.GetAsync("/connect/unknown", Cancelled);
        await Envelope.AssertErrorAsync(unknown, 404, "NOT_FOUND", "There is nothing at this address.", Cancelled);
    }

    [Fact]
    public void The_document_describes_the_errors_of_an_OAuth_route_as_OAuth_errors()
    {
        var part = JsonNode.Parse("""
            {"components":{},"paths":{"/connect/token":{"post":{"x-errors":["UNSUPPORTED_MEDIA_TYPE"],"responses":{"400":{"description":"own"}}}}}}
            """)!.AsObject();

        var document = new MergedDocument([.. PublicRoutes.All.Where(route => route.Id is "connect-token")]).Merge(part);

        var responses = document["paths"]!["/connect/token"]!["post"]!["responses"]!.AsObject();
        Assert.Equal("own", responses["400"]!["description"]!.GetValue<string>());
        foreach (var (status, code) in new[] { ("413", "invalid_request"), ("415", "invalid_request"), ("429", "temporarily_unavailable"), ("502", "server_error"), ("503", "temporarily_unavailable"), ("504", "server_error") })
        {
            Assert.EndsWith($": `{code}`.", responses[status]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal("""{"application/json":{"schema":{"$ref":"#/components/schemas/OAuthError"}}}""", responses[status]!["content"]!.ToJsonString());
        }

        Assert.NotNull(responses["429"]!["headers"]!["Retry-After"]);
    }

    private GatewayUnderTest Start(Uri service, params (string Key, string Value)[] settings)
    {
        var gateway = new GatewayUnderTest().With(issuer).With("identity", "h2c", service).With("data", "h2c", service);
        foreach (var (key, value) in settings)
            gateway.With(key, value);
        return gateway.Start();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, int length = 20)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (method is "POST")
            request.Content = new StringContent(new string('x', length), Encoding.UTF8, "application/x-www-form-urlencoded");
        return await client.SendAsync(request, Cancelled);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string error, string description)
    {
        Assert.True(response.Headers.CacheControl?.NoStore);
        await Envelope.AssertOAuthErrorAsync(response, status, error, description, Cancelled);
    }
}
