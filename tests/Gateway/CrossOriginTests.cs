using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>CORS, as browsers use it for scripts of other origins.</summary>
public sealed class CrossOriginTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private const string App = "https://app.example";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/data/k", "PUT")]
    [InlineData("/api/token", "POST")]
    [InlineData("/api/account", "PATCH")]
    public async Task A_preflight_of_an_allowed_origin_needs_no_token_and_counts_in_no_budget(string path, string method)
    {
        await using var gateway = Gateway(App, "http://localhost:5173").With("RateLimits:Other:Limit", "1").Start();
        using var client = gateway.Client();
        for (var i = 0; i < 3; i++)
        {
            using var response = await PreflightAsync(client, path, method, App);

            Assert.Equal(204, (int)response.StatusCode);
            Assert.Equal(App, Header(response, "Access-Control-Allow-Origin"));
            Assert.Equal("GET,HEAD,POST,PUT,PATCH,DELETE", Header(response, "Access-Control-Allow-Methods"));
            Assert.Equal(
                "Accept,Authorization,Cache-Control,Content-Type,Idempotency-Key,If-Match,If-None-Match,Last-Event-ID,Prefer,traceparent,tracestate,baggage",
                Header(response, "Access-Control-Allow-Headers"));
            Assert.Equal("7200", Header(response, "Access-Control-Max-Age"));
            Assert.Equal("Origin", Header(response, "Vary"));
            Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
            Assert.False(response.Headers.Contains("RateLimit"));
        }

        Assert.DoesNotContain(running.Data.Arrivals.Concat(running.Identity.Arrivals), arrival => arrival.Method == "OPTIONS");
    }

    [Theory]
    [InlineData("/api/data/k", true, 200)]
    [InlineData("/api/data/k", false, 401)]
    [InlineData("/unknown", true, 404)]
    [InlineData("/api/token", true, 405)]
    public async Task A_script_of_an_allowed_origin_may_read_every_response_and_the_API_headers(string path, bool hasToken, int status)
    {
        await using var gateway = Gateway(App).Start();
        using var response = await GetAsync(gateway, path, hasToken, App);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(App, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("Cache-Status,Content-Disposition,ETag,Location,Preference-Applied,RateLimit,RateLimit-Policy,Retry-After,WWW-Authenticate",
            Header(response, "Access-Control-Expose-Headers"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("https://app.example.org")]
    [InlineData("https://app.example:8443")]
    [InlineData("http://app.example")]
    [InlineData("https://evil.app.example")]
    [InlineData("null")]
    public async Task Other_origins_get_no_CORS_headers(string origin)
    {
        await using var gateway = Gateway(App).Start();
        using var client = gateway.Client();
        using var preflight = await PreflightAsync(client, "/api/data/k", "PUT", origin);
        using var response = await GetAsync(gateway, "/api/data/k", hasToken: true, origin);

        Assert.DoesNotContain(preflight.Headers.Concat(response.Headers), header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(200, (int)response.StatusCode); // the browser hides the response from the script
    }

    [Fact]
    public async Task All_origins_may_be_allowed_without_credentials()
    {
        await using var gateway = Gateway("*").Start();
        using var response = await GetAsync(gateway, "/api/data/k", hasToken: true, "https://anybody.example");

        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task By_default_no_origin_is_allowed_and_OPTIONS_gets_405()
    {
        using var client = running.Gateway.Client();
        using var preflight = await PreflightAsync(client, "/api/data/k", "PUT", App);
        using var response = await GetAsync(running.Gateway, "/api/data/k", hasToken: true, App);

        await Envelope.AssertErrorAsync(preflight, 405, "METHOD_NOT_ALLOWED", "This address does not answer this method.", Cancelled);
        Assert.DoesNotContain(preflight.Headers.Concat(response.Headers), header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private GatewayUnderTest Gateway(params string[] origins)
    {
        var gateway = new GatewayUnderTest()
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address);
        foreach (var (index, origin) in origins.Index())
            gateway.With($"Cors:Origins:{index}", origin);
        return gateway;
    }

    private static async Task<HttpResponseMessage> PreflightAsync(HttpClient client, string path, string method, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers =
            {
                { "Origin", origin },
                { "Access-Control-Request-Method", method },
                { "Access-Control-Request-Headers", "authorization,content-type,if-match" },
            },
        };
        return await client.SendAsync(request, Cancelled);
    }

    private async Task<HttpResponseMessage> GetAsync(GatewayUnderTest gateway, string path, bool hasToken, string origin)
    {
        using var client = gateway.Client(hasToken ? running.Issuer.Issue("user") : null);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };
        return await client.SendAsync(request, Cancelled);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
