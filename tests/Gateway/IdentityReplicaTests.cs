using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Two replicas of Identity. The first refuses connections.</summary>
public sealed class IdentityReplicaTests : IAsyncLifetime
{
    private readonly ClosedPort closed = new();
    private TestIssuer issuer = null!;
    private Backend data = null!;
    private GatewayUnderTest gateway = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // YARP logs the missing replica too.
    private IEnumerable<string> Lines => gateway.Log.Lines.Where(line => line.Contains("KvAspire.TokenChecking", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        data = await Backend.StartAsync("data");
        gateway = new GatewayUnderTest()
            .With("identity", "http", closed.Address, issuer.Address)
            .With("identity", "h2c", closed.Address)
            .With("data", "h2c", data.Address)
            .Start();
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await data.DisposeAsync();
        await issuer.DisposeAsync();
        closed.Dispose();
    }

    [Fact]
    public async Task Signing_keys_are_fetched_from_the_replica_that_is_up()
    {
        using var client = gateway.Client(issuer.Issue("user"));

        await client.GetStringAsync("/api/data/key", Cancelled);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task Revocations_are_fetched_from_the_replica_that_is_up()
    {
        var description = issuer.Describe("user");
        description.Claims["jti"] = "ended";
        using var client = gateway.Client(TestIssuer.Sign(description));
        await client.GetStringAsync("/api/data/key", Cancelled);

        issuer.Revoke("jti", "ended");

        var clock = Stopwatch.StartNew();
        while (await StatusAsync(client) != 401)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"The token is still good after {clock.Elapsed}.");
            await Task.Delay(50, Cancelled);
        }

        Assert.Empty(Lines);
    }

    [Fact]
    public async Task Concurrent_API_keys_are_all_exchanged_at_the_replica_that_is_up()
    {
        var token = issuer.Issue("user");
        issuer.Exchange = _ => token;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 64).Select(async number =>
        {
            using var client = gateway.Client($"kva_{number:D63}");
            return await StatusAsync(client);
        }));

        Assert.All(statuses, status => Assert.Equal(200, status));
        Assert.Equal(64, issuer.Exchanges);
    }

    [Fact]
    public async Task While_all_replicas_are_down_each_failing_call_logs_one_line()
    {
        issuer.IsReachable = false;
        using var client = gateway.Client(issuer.Issue("user"));

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(4))
        {
            Assert.Equal(503, await StatusAsync(client));
            await Task.Delay(200, Cancelled);
        }

        Assert.Equal(
            ["The revocations could not be fetched", "The signing keys could not be fetched"],
            Lines.Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..line.IndexOf(" from", StringComparison.Ordinal)]).Order());
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/api/data/key", Cancelled);
        return (int)response.StatusCode;
    }
}
