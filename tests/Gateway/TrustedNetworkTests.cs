using System.Net;
using KvAspire.Gateway.Tests.Fixtures;

namespace KvAspire.Gateway.Tests;

/// <summary>The client's address behind trusted and other proxies.</summary>
public sealed class TrustedNetworkTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7:4711", "203.0.113.7")]
    [InlineData("198.51.100.66, 203.0.113.7", "203.0.113.7")] // the client wrote the first
    [InlineData("203.0.113.7, 10.0.0.9", "203.0.113.7")] // two proxies
    [InlineData("10.6.6.6, 203.0.113.7, 10.0.0.9", "203.0.113.7")] // the client wrote the first, a trusted address
    [InlineData("127.0.0.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("::1, [2001:db8::7]:4711, fd00::1", "2001:db8::7")]
    [InlineData("10.0.0.1, 10.0.0.2", "10.0.0.1")] // all are trusted: the leftmost counts
    [InlineData("garbage", "127.0.0.1")]
    [InlineData("203.0.113.7, garbage", "127.0.0.1")]
    [InlineData("203.0.113.7, unknown, 10.0.0.9", "10.0.0.9")]
    [InlineData("203.0.113.7, 300.1.1.1, fd00::1", "fd00::1")]
    [InlineData(",,,,", "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    public async Task Behind_a_trusted_proxy_the_client_is_the_rightmost_untrusted_address(string chain, string client)
    {
        await using var gateway = Start("127.0.0.0/8", "10.0.0.0/8", "fd00::/8");

        Assert.Equal(client, (await ArriveAsync(gateway, ("X-Forwarded-For", chain)))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task A_chain_of_proxies_is_followed_for_at_most_sixteen()
    {
        await using var gateway = Start("127.0.0.0/8", "10.0.0.0/8");
        var chain = string.Join(", ", Enumerable.Range(1, 2_000).Reverse().Select(i => $"10.0.{i / 250}.{i % 250}"));

        Assert.Equal("10.0.0.16", (await ArriveAsync(gateway, ("X-Forwarded-For", chain)))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task Scheme_and_host_of_a_trusted_proxy_are_passed_on_and_its_other_headers_are_not()
    {
        await using var gateway = Start("127.0.0.0/8");
        var headers = await ArriveAsync(gateway, ("X-Forwarded-For", "198.51.100.66, 203.0.113.7"), ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "kv.example"), ("X-Forwarded-Prefix", "/forged"), ("X-Real-IP", "198.51.100.66"),
            ("Forwarded", "for=198.51.100.66"), ("X-Original-For", "198.51.100.66"), ("X-Original-URL", "/forged"));

        Assert.Equal([("x-forwarded-for", "203.0.113.7"), ("x-forwarded-host", "kv.example"), ("x-forwarded-proto", "https")],
            headers.Where(header => header.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key, header.Value)).Order());
        Assert.DoesNotContain("Forwarded", headers.Keys);
    }

    [Fact]
    public async Task Forwarded_headers_of_untrusted_networks_are_dropped()
    {
        await using var gateway = Start("10.0.0.0/8", "::1/128");
        var headers = await ArriveAsync(gateway, ("X-Forwarded-For", "203.0.113.7, 10.0.0.9"), ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "kv.example"), ("X-Original-For", "10.0.0.9"));

        Assert.Equal([("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", gateway.Address.Authority), ("x-forwarded-proto", "http")],
            headers.Where(header => header.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key, header.Value)).Order());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("203.0.113.7", "127.0.0.0/8")]
    public async Task ASPNETCORE_FORWARDEDHEADERS_ENABLED_makes_no_other_peer_believed(string client, params string[] trusted)
    {
        await using var gateway = Gateway(trusted).With("ForwardedHeaders_Enabled", "true").Start();

        Assert.Equal(client, (await ArriveAsync(gateway, ("X-Forwarded-For", "203.0.113.7")))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task Each_request_on_a_connection_has_its_own_client_address()
    {
        await using var gateway = Start("127.0.0.0/8");
        using var client = gateway.Client(running.Issuer.Issue("user"));

        Assert.Equal("203.0.113.7", (await ArriveAsync(client, ("X-Forwarded-For", "203.0.113.7")))["X-Forwarded-For"]);
        Assert.Equal("127.0.0.1", (await ArriveAsync(client))["X-Forwarded-For"]);
        Assert.Equal("203.0.113.8", (await ArriveAsync(client, ("X-Forwarded-For", "203.0.113.8")))["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData("::1/128", "203.0.113.7")]
    [InlineData("fd00::/8", "::1")]
    public async Task A_proxy_may_come_over_IPv6(string trusted, string client)
    {
        await using var gateway = Gateway(trusted).With("Kestrel:Endpoints:http:Url", "http://[::1]:0").Start();

        Assert.Equal(client, (await ArriveAsync(gateway, ("X-Forwarded-For", "203.0.113.7")))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task Requests_without_a_token_are_limited_by_the_address_behind_the_proxy()
    {
        await using var gateway = Gateway("127.0.0.0/8").With("RateLimits:SignIn:Limit", "1").Start();
        var statuses = new List<HttpStatusCode>();
        foreach (var address in new[] { "203.0.113.7", "203.0.113.8", "198.51.100.66, 203.0.113.7", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1" })
        {
            using var client = gateway.Client();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/token") { Headers = { { "X-Forwarded-For", address } } };
            using var response = await client.SendAsync(request, Cancelled);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK],
            statuses);
    }

    private GatewayUnderTest Start(params string[] trusted) => Gateway(trusted).Start();

    private GatewayUnderTest Gateway(params string[] trusted)
    {
        var gateway = new GatewayUnderTest()
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address);
        foreach (var (index, network) in trusted.Index())
            gateway.With($"TrustedNetworks:{index}", network);
        return gateway;
    }

    private async Task<IReadOnlyDictionary<string, string>> ArriveAsync(GatewayUnderTest gateway, params (string Name, string Value)[] headers)
    {
        using var client = gateway.Client(running.Issuer.Issue("user"));
        return await ArriveAsync(client, headers);
    }

    // The headers that the service receives for a request with these headers.
    private async Task<IReadOnlyDictionary<string, string>> ArriveAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        (await client.SendAsync(request, Cancelled)).EnsureSuccessStatusCode();
        return Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers;
    }
}
