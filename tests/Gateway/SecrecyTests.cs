using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

[assembly: AssemblyFixture(typeof(KvAspire.Gateway.Tests.LastLook))]
[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.Gateway.Tests;

/// <summary>Runs alone, after all other tests.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

/// <summary>Checks all telemetry from the beginning to the end of the run.</summary>
public sealed class LastLook : IDisposable
{
    private readonly Witness witness = GatewayUnderTest.Witness;

    /// <inheritdoc/>
    public void Dispose() => witness.AssertNothingIsBetrayed();
}

[Collection(LastOfAll.Name)]
public sealed class SecrecyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void No_test_leaves_a_secret_in_a_log_or_a_trace() => GatewayUnderTest.Witness.AssertNothingIsBetrayed();

    // Also at levels that are off by default, because operators turn them on to find a fault. URLs have no secrets: at these
    // levels the framework logs them (TelemetryTests: they do not leave the process).
    [Fact]
    public async Task No_log_of_any_level_and_no_trace_contains_a_token_or_a_key()
    {
        var key = $"kva_{Guid.NewGuid():N}{new string('k', 31)}";
        await using var issuer = await TestIssuer.StartAsync();
        await using var data = await Backend.StartAsync("data");
        await using var identity = await Backend.StartAsync("identity");
        var (token, exchanged) = (issuer.Issue("user"), issuer.Issue("owner-of-a-key"));
        issuer.Exchange = shown => shown == key ? exchanged : null;
        using var witness = new Witness();
        witness.Mind(key, key[..^1] + "x", token, exchanged, token.Split('.')[2], exchanged.Split('.')[2], "a password of nobody");
        await using var gateway = new GatewayUnderTest { Intimate = witness };
        gateway.With(issuer).With("data", "h2c", data.Address).With("identity", "h2c", identity.Address).Start();

        // 1. Valid and invalid secrets, in a header and in a body.
        await AskAsync(token, HttpMethod.Get, "/api/data/key", 200);
        await AskAsync(key, HttpMethod.Get, "/api/data/key", 200);
        await AskAsync(key[..^1] + "x", HttpMethod.Get, "/api/data/key", 401);
        foreach (var kind in ForgedTokens.All)
            await AskAsync(ForgedTokens.Forge(kind, issuer, "user"), HttpMethod.Get, "/api/data/key", 401);
        await AskAsync(null, HttpMethod.Post, "/api/token", 200, "a password of nobody");

        // 2. Services that are down. 502 if the gateway has not noticed yet that the connection is broken.
        await data.KillAsync();
        await identity.KillAsync();
        await AskAsync(token, HttpMethod.Get, "/api/data/key", 503, orElse: 502);
        await AskAsync(null, HttpMethod.Post, "/api/token", 503, "a password of nobody", orElse: 502);

        Assert.True(witness.Count > 2_000, $"Only {witness.Count} lines were heard.");
        witness.AssertNothingIsBetrayed();

        async Task AskAsync(string? bearer, HttpMethod method, string target, int expected, string? password = null, int orElse = 0)
        {
            using var client = gateway.Client(bearer);
            using var request = new HttpRequestMessage(method, target);
            if (password is not null)
                request.Content = new StringContent($$"""{"username":"nobody","password":"{{password}}"}""", System.Text.Encoding.UTF8, "application/json");
            using var response = await client.SendAsync(request, Cancelled);
            Assert.True((int)response.StatusCode == expected || (int)response.StatusCode == orElse, $"{method} {target}: {(int)response.StatusCode}");
        }
    }
}
