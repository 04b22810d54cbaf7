using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class SigningKeyTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;
    private Backend backend = null!;
    private GatewayUnderTest gateway = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        backend = await Backend.StartAsync("data");
        gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", backend.Address).Start();
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await backend.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Without_signing_keys_tokens_get_503_and_work_once_there_are_keys()
    {
        issuer.IsReachable = false;
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(response, 503, "UNAVAILABLE",
            "The service is temporarily unavailable; nothing was stored. Please try again later.", TestContext.Current.CancellationToken);
        Assert.Equal("1", response.Headers.RetryAfter?.ToString());
        Assert.Empty(backend.Arrivals);

        issuer.IsReachable = true;
        await AssertWorksWithinAsync(TimeSpan.FromSeconds(10), client);
    }

    [Fact]
    public async Task Without_signing_keys_health_and_anonymous_requests_are_answered()
    {
        issuer.IsReachable = false;
        using var client = gateway.Client(issuer.Issue("user"));
        using var health = await client.GetAsync("/health", TestContext.Current.CancellationToken);
        using var unknown = await client.GetAsync("/unknown", TestContext.Current.CancellationToken);

        Assert.Equal((200, 404), ((int)health.StatusCode, (int)unknown.StatusCode));
    }

    [Fact]
    public async Task A_new_signing_key_is_picked_up_without_a_restart()
    {
        using var before = gateway.Client(issuer.Issue("user"));
        await before.GetStringAsync("/api/data/key", TestContext.Current.CancellationToken);

        issuer.Rotate();
        using var after = gateway.Client(issuer.Issue("user"));

        await AssertWorksWithinAsync(TimeSpan.FromSeconds(15), after);
        await before.GetStringAsync("/api/data/key", TestContext.Current.CancellationToken);
    }

    private static async Task AssertWorksWithinAsync(TimeSpan limit, HttpClient client)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
                return;

            Assert.True(clock.Elapsed < limit, $"still {response.StatusCode} after {limit}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
