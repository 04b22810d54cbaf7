using KvAspire.Gateway.Tests.Fixtures;

namespace KvAspire.Gateway.Tests;

public sealed class TargetTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Theory]
    [InlineData("/api/data/a%2Fb")]
    [InlineData("/api/data/a%2fb")]
    [InlineData("/api/data/%E2%82%AC")]
    [InlineData("/api/data/%e2%82%ac")]
    [InlineData("/api/data/a%20b")]
    [InlineData("/api/data/a+b")]
    [InlineData("/api/data/%41")]
    [InlineData("/api/data/%7Ea~b")]
    [InlineData("/api/data/a%25b")]
    [InlineData("/api/data/%252F")]
    [InlineData("/api/data/%252e%252e/%252e%252e/health")]
    [InlineData("/api/data/%3Fquery")]
    [InlineData("/api/data/%FF")]
    [InlineData("/api/data/a\\b")]
    [InlineData("/api/data/a..b/...")]
    [InlineData("/api/data/a//b")]
    [InlineData("/api/data//a")]
    [InlineData("/api/data/a/")]
    [InlineData("/api/data/a;b=c,d:e@f!$&'()*=")]
    [InlineData("/api/data/a[b]{c}|d^e`f\"g<h>")]
    [InlineData("/api/data?key=%2Fx")]
    [InlineData("/api/data?key=a+b%20c%2B&x=/../y?z")]
    [InlineData("/api/data?")]
    [InlineData("/%61pi/data/x")]
    public async Task The_service_receives_the_target_unchanged(string target)
    {
        await using var data = await Backend.StartAsync("data");
        await using var gateway = new GatewayUnderTest().With(running.Issuer).With("data", "h2c", data.Address).Start();

        var answer = await RawHttp.GetAsync(
            gateway.Address, target, running.Issuer.Issue("user"), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        Assert.Equal(target, Assert.Single(data.Arrivals).Target);
    }

    [Fact]
    public async Task An_absolute_target_is_forwarded_without_its_authority()
    {
        var path = $"/api/data/{Guid.NewGuid():N}?x=%2F";
        var answer = await RawHttp.GetAsync(running.Gateway.Address, $"http://{running.Gateway.Address.Authority}{path}",
            running.Issuer.Issue("user"), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path);
    }

    [Theory]
    [InlineData("/api/data/../data/{0}")]
    [InlineData("/api/data/./{0}")]
    [InlineData("/api/data/{0}/..")]
    [InlineData("/api/data/{0}/%2e%2e/%2E%2E/health")]
    [InlineData("/api/data/{0}/.%2e/x")]
    [InlineData("/health/../api/data/{0}")]
    [InlineData("/api/token/../data/{0}")]
    [InlineData("/api/data/{0}\tx")]
    [InlineData("/api/data/{0}\u00e9")]
    public async Task A_target_that_another_server_could_read_differently_is_400(string target)
    {
        var key = Guid.NewGuid().ToString("N");
        var answer = await RawHttp.GetAsync(running.Gateway.Address, target.Replace("{0}", key, StringComparison.Ordinal),
            running.Issuer.Issue("user"), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400 Bad Request", answer);
        Assert.DoesNotContain(running.Data.Arrivals, arrival => arrival.Target.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_target_is_400_in_the_envelope()
    {
        var answer = await RawHttp.GetAsync(running.Gateway.Address, "/api/data/../x", null, TestContext.Current.CancellationToken);

        Assert.Contains("""{"status":"error","code":"INVALID_REQUEST","message":"Invalid request. The path must be plain ASCII, """
            + """percent-encoded where needed, without dot segments or a fragment.","trace_id":""", answer, StringComparison.Ordinal);
    }
}
