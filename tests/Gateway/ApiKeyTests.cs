using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class ApiKeyTests : IAsyncLifetime
{
    private static readonly string Key = "kva_" + new string('k', 63);

    private TestIssuer issuer = null!;
    private Backend data = null!;
    private GatewayUnderTest gateway = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        data = await Backend.StartAsync("data");
        gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).Start();
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await data.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_exchanged_once_and_the_service_receives_only_the_access_token()
    {
        var token = issuer.Issue("user");
        issuer.Exchange = key => key == Key ? token : null;
        using var client = gateway.Client(Key);

        for (var round = 0; round < 20; round++)
            await client.GetStringAsync("/api/data/key", Cancelled);

        Assert.Equal(1, issuer.Exchanges);
        Assert.All(data.Arrivals, arrival => Assert.Equal($"Bearer {token}", arrival.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_5_seconds()
    {
        var description = issuer.Describe("user");
        description.Claims["sid"] = "api-key-id";
        var token = TestIssuer.Sign(description);
        issuer.Exchange = _ => token;
        using var client = gateway.Client(Key);
        await client.GetStringAsync("/api/data/key", Cancelled);

        issuer.Exchange = _ => null;
        issuer.Revoke("sid", "api-key-id");
        await AssertRefusedWithin5SecondsAsync(client);
    }

    [Theory]
    [InlineData("jti")]
    [InlineData("sid")]
    [InlineData("sub")]
    public async Task A_revoked_token_is_refused_within_5_seconds(string kind)
    {
        var description = issuer.Describe($"user-{kind}");
        description.IssuedAt = description.IssuedAt!.Value.AddSeconds(-2);
        (description.Claims["sid"], description.Claims["jti"]) = ("session", $"token-{kind}");
        using var revoked = gateway.Client(TestIssuer.Sign(description));
        using var other = gateway.Client(issuer.Issue("another"));
        await revoked.GetStringAsync("/api/data/key", Cancelled);

        issuer.Revoke(kind, kind switch { "jti" => $"token-{kind}", "sid" => "session", _ => $"user-{kind}" });

        await AssertRefusedWithin5SecondsAsync(revoked);
        await other.GetStringAsync("/api/data/key", Cancelled);
    }

    [Fact]
    public async Task A_key_is_exchanged_again_after_all_tokens_of_its_user_were_revoked()
    {
        var description = issuer.Describe("disabled-and-enabled");
        description.IssuedAt = description.IssuedAt!.Value.AddSeconds(-2);
        var (ended, renewed) = (TestIssuer.Sign(description), "");
        issuer.Exchange = _ => ended;
        using var client = gateway.Client(Key);
        await client.GetStringAsync("/api/data/key", Cancelled);

        issuer.Exchange = _ =>
        {
            description.IssuedAt = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1); // revocations count whole seconds
            return renewed = TestIssuer.Sign(description);
        };
        issuer.Revoke("sub", "disabled-and-enabled");
        var clock = Stopwatch.StartNew();
        while (renewed.Length == 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "The gateway does not ask Identity again.");
            await client.GetStringAsync("/api/data/key", Cancelled);
            await Task.Delay(50, Cancelled);
        }

        Assert.Equal($"Bearer {renewed}", data.Arrivals.Last().Headers["Authorization"]);
    }

    [Fact]
    public async Task Identity_is_asked_once_about_an_invalid_key_and_never_about_other_garbage()
    {
        using var plausible = gateway.Client(Key);
        for (var round = 0; round < 10; round++)
            await AssertRefusedAsync(plausible);
        Assert.Equal(1, issuer.Exchanges);

        foreach (var garbage in new[] { "kva_", "kva_short", Key + "k", "KVA_" + new string('k', 63) })
        {
            using var client = gateway.Client(garbage);
            await AssertRefusedAsync(client);
        }

        Assert.Equal(1, issuer.Exchanges);
        Assert.Empty(data.Arrivals);
    }

    [Fact]
    public async Task While_Identity_is_down_a_new_key_gets_503_and_a_cached_one_works()
    {
        var token = issuer.Issue("user");
        issuer.Exchange = _ => token;
        using var known = gateway.Client(Key);
        await known.GetStringAsync("/api/data/key", Cancelled);

        issuer.IsReachable = false;
        await known.GetStringAsync("/api/data/key", Cancelled);
        using var unknown = gateway.Client("kva_" + new string('u', 63));
        using var response = await unknown.GetAsync("/api/data/key", Cancelled);
        Assert.Equal(503, (int)response.StatusCode);
    }

    private static async Task AssertRefusedWithin5SecondsAsync(HttpClient client)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var response = await client.GetAsync("/api/data/key", Cancelled);
            if ((int)response.StatusCode == 401)
                break;

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"still {response.StatusCode} after {clock.Elapsed}");
            await Task.Delay(50, Cancelled);
        }

        await AssertRefusedAsync(client);
    }

    private static async Task AssertRefusedAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/api/data/key", Cancelled);
        await Envelope.AssertErrorAsync(response, 401, "INVALID_TOKEN", "Invalid access token provided.", Cancelled);
        Assert.Equal("Bearer realm=\"kvaspire\", error=\"invalid_token\"", response.Headers.GetValues("WWW-Authenticate").Single());
    }
}
