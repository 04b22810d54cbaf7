using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KvAspire.Gateway.Tests;

/// <summary>The gateway logs what it refuses itself, and neither what succeeds nor what a service refused.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly HeardLog log = new();
    private TestIssuer issuer = null!;
    private Backend identity = null!;
    private Backend data = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        identity = await Backend.StartAsync("identity");
        data = await Backend.StartAsync("data");
    }

    public async ValueTask DisposeAsync()
    {
        await identity.DisposeAsync();
        await data.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Requests_that_succeed_and_refusals_of_a_service_leave_no_line()
    {
        await using var gateway = Start();
        using var client = await ReadyClientAsync(gateway);

        foreach (var target in new[] { "/api/data/key", "/api/data", "/.well-known/jwks.json", "/health", "/alive", "/openapi/v1.json" })
            Assert.Equal(200, (int)(await client.GetAsync(target, Cancelled)).StatusCode);
        using var put = await client.PutAsync("/api/data/key", new StringContent("""{"value":1}""", System.Text.Encoding.UTF8, "application/json"), Cancelled);
        Assert.Equal(200, (int)put.StatusCode);
        data.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
        Assert.Equal(404, (int)(await client.GetAsync("/api/usage", Cancelled)).StatusCode);

        Assert.Empty(Lines());
    }

    [Fact]
    public async Task A_used_up_budget_is_a_line_with_the_budgets_name()
    {
        await using var gateway = Start(("RateLimits:Read:Limit", "2"), ("RateLimits:Read:Window", "00:10:00"));
        using var client = await ReadyClientAsync(gateway);
        await client.GetAsync("/api/data/key", Cancelled);
        Assert.Equal(429, (int)(await client.GetAsync("/api/data/key", Cancelled)).StatusCode);

        var line = Assert.Single(Lines());
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Matches(@"^GET /api/data/\{\S*key\} is refused with 429 RATE_LIMITED: the budget read is used up\.$", line.Text);
    }

    [Fact]
    public async Task A_service_that_breaks_off_is_one_error_with_the_services_name()
    {
        await using var gateway = Start();
        using var client = await ReadyClientAsync(gateway);
        data.Answer = Backend.CutAsync;
        Assert.Equal(502, (int)(await client.DeleteAsync("/api/data/key", Cancelled)).StatusCode);

        var line = Assert.Single(Lines());
        Assert.Equal((LogLevel.Error, EventIds.RequestFailed), (line.Level, line.Id.Id));
        Assert.Matches(@"^DELETE /api/data/\{\S*key\} failed with 502 BAD_GATEWAY: the data service, \w+\.$", line.Text);
    }

    private GatewayUnderTest Start(params (string Key, string Value)[] settings)
    {
        var gateway = new GatewayUnderTest { Heard = log }.With(issuer).With("identity", "h2c", identity.Address).With("data", "h2c", data.Address);
        foreach (var (key, value) in settings)
            gateway.With(key, value);
        return gateway.Start();
    }

    // Keys and connections are there.
    private async Task<HttpClient> ReadyClientAsync(GatewayUnderTest gateway)
    {
        var client = gateway.Client(issuer.Issue("user", TestIssuer.SessionScope));
        await client.GetAsync("/api/usage", Cancelled);
        log.Clear();
        return client;
    }

    // YARP tells of lost replicas.
    private IReadOnlyList<HeardLine> Lines() => [.. log.Lines.Where(line => line.Level >= LogLevel.Information && !line.Category.StartsWith("Yarp", StringComparison.Ordinal))];
}
