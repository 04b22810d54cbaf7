using KvAspire.Gateway.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

public sealed class HeaderTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task Forwarded_headers_of_a_client_are_replaced_by_those_of_the_gateway()
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        foreach (var claim in new[] { "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix",
            "x-forwarded-port", "X-FORWARDED-SERVER", "Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL" })
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(claim, "forged.example");
        }

        await client.GetStringAsync(path, TestContext.Current.CancellationToken);

        var headers = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers;
        Assert.DoesNotContain(headers, header => header.Value.Contains("forged.example", StringComparison.Ordinal));
        Assert.Equal( // HTTP/2 sends names in lower case
            [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", running.Gateway.Address.Authority), ("x-forwarded-proto", "http")],
            headers.Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase))
                .Select(header => (header.Key, header.Value)).Order());
    }

    [Theory]
    [InlineData("User-Agent")]
    [InlineData("Idempotency-Key")]
    [InlineData("Cookie")]
    [InlineData("X-Anything")]
    public async Task A_non_ASCII_header_is_passed_on_and_does_not_lose_the_replica(string name)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        var answer = await RawHttp.SendAsync(running.Gateway.Address, $"GET {path} HTTP/1.1\r\nHost: {running.Gateway.Address.Authority}\r\n"
            + $"Connection: close\r\n{name}: caf\u00c3\u00a9\r\nAuthorization: Bearer {running.Issuer.Issue("user")}\r\n\r\n", TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        var arrival = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path);
        Assert.Equal("caf\u00e9", arrival.Headers.Single(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value);
    }

    [Fact]
    public async Task An_upgrade_is_not_passed_on()
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        var answer = await RawHttp.SendAsync(running.Gateway.Address, $"GET {path} HTTP/1.1\r\nHost: {running.Gateway.Address.Authority}\r\n"
            + "Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + $"Authorization: Bearer {running.Issuer.Issue("user")}\r\n\r\n", TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        var arrival = Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path);
        Assert.Equal("GET", arrival.Method);
        Assert.DoesNotContain("Upgrade", arrival.Headers.Keys);
    }

    [Theory]
    [InlineData("/api/data/key", 200)]
    [InlineData("/health", 200)]
    [InlineData("/unknown", 404)]
    [InlineData("/api/token", 405)]
    [InlineData("/.well-known/jwks.json", 500)]
    public async Task Every_response_has_the_security_headers_once_and_no_Server_header(string path, int status)
    {
        await using var service = await Backend.StartAsync("service");
        service.Answer = context =>
        {
            context.Response.Headers.Server = "backend";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("answer");
        };
        await using var gateway = new GatewayUnderTest()
            .With(running.Issuer).With("identity", "h2c", service.Address).With("data", "h2c", service.Address).Start();
        using var client = gateway.Client(running.Issuer.Issue("user"));
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security")); // the request came over plain HTTP
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("127.0.0.0/8", "https", null, "max-age=2592000")]
    [InlineData("127.0.0.0/8", "HTTPS", "365.00:00:00", "max-age=31536000")]
    [InlineData("127.0.0.0/8", "https", "00:00:00", "max-age=0")]
    [InlineData("127.0.0.0/8", "http", null, null)]
    [InlineData("127.0.0.0/8", null, null, null)]
    [InlineData("10.0.0.0/8", "https", null, null)] // not from a trusted network
    public async Task HSTS_is_sent_over_TLS_only(string trusted, string? scheme, string? maxAge, string? told)
    {
        await using var gateway = new GatewayUnderTest().With("TrustedNetworks:0", trusted).With("Hsts:MaxAge", maxAge ?? "30.00:00:00")
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address).Start();
        using var client = gateway.Client(running.Issuer.Issue("user"));
        if (scheme is not null)
            client.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        foreach (var path in new[] { "/api/data/key", "/unknown", "/docs/index.html", "/health" })
        {
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

            Assert.Equal(told, response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? Assert.Single(values) : null);
        }
    }

    [Theory]
    [InlineData("/unknown", 404)]
    [InlineData("/api/data/key", 401)]
    [InlineData("/api/register", 405)]
    public async Task HEAD_gets_the_headers_of_an_error_and_no_body(string path, int status)
    {
        var answer = await RawHttp.SendAsync(running.Gateway.Address,
            $"HEAD {path} HTTP/1.1\r\nHost: {running.Gateway.Address.Authority}\r\nConnection: close\r\n\r\n", TestContext.Current.CancellationToken);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("Content-Type: application/json; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer);
    }
}
