using System.Globalization;
using System.Net;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Gateway.Tests;

/// <summary>Budgets of one gateway with a real Redis. <see cref="SharedLimitTests"/> tests several gateways.</summary>
public sealed class RateLimitTests(Servers servers, RunningGateway running) : IClassFixture<Servers>, IClassFixture<RunningGateway>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_retry_after_Retry_After_passes_and_an_earlier_one_does_not()
    {
        await using var gateway = await StartAsync("Read", 1, seconds: 3);
        using var client = gateway.Client(running.Issuer.Issue(NewUser()));

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client)).Status);
        var refused = await AskAsync(client);
        Assert.Equal((HttpStatusCode.TooManyRequests, 3), (refused.Status, refused.RetryAfter));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(client)).Status);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client)).Status);
    }

    [Fact]
    public async Task Each_user_has_a_budget_for_each_kind_of_request()
    {
        await using var gateway = await StartAsync("Read", 1, seconds: 60);
        using HttpClient one = gateway.Client(running.Issuer.Issue(NewUser())), other = gateway.Client(running.Issuer.Issue(NewUser()));

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(one)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(one)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(other)).Status);
        using var deleted = await one.DeleteAsync("/api/data/k", Cancelled);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.StartsWith("\"write\"", deleted.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_without_a_token_count_by_address()
    {
        await using var gateway = await StartAsync("SignIn", 2, seconds: 60);
        var statuses = new List<HttpStatusCode>();
        foreach (var path in new[] { "/api/token", "/connect/token", "/api/token", "/api/register" })
        {
            using var client = gateway.Client(); // a connection of its own
            using var response = await client.PostAsync(path, null, Cancelled);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], statuses);
    }

    // Both tell whether an e-mail address is taken, and one person may have many users.
    [Fact]
    public async Task Changes_of_accounts_and_registrations_of_one_address_share_a_budget()
    {
        await using var gateway = await StartAsync("Registration", 2, seconds: 60);
        using HttpClient anybody = gateway.Client();
        using HttpClient one = gateway.Client(running.Issuer.IssueForSession(NewUser())), other = gateway.Client(running.Issuer.IssueForSession(NewUser()));

        using var registered = await anybody.PostAsync("/api/register", null, Cancelled);
        using var changed = await one.PatchAsync("/api/account", null, Cancelled);
        using var refused = await other.PatchAsync("/api/account", null, Cancelled);
        using var read = await other.GetAsync("/api/account", Cancelled);

        Assert.Equal((200, 200, 429, 200), ((int)registered.StatusCode, (int)changed.StatusCode, (int)refused.StatusCode, (int)read.StatusCode));
        Assert.StartsWith("\"registration\"", changed.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
        Assert.StartsWith("\"account\"", read.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Introspections_have_a_budget_of_their_own()
    {
        await using var gateway = await StartAsync("SignIn", 1, seconds: 60);
        using var client = gateway.Client();
        for (var i = 0; i < 5; i++)
        {
            using var response = await client.PostAsync("/connect/introspect", null, Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("\"introspection\";q=60000;w=60", response.Headers.GetValues("RateLimit-Policy").Single());
        }
    }

    [Fact]
    public async Task A_429_is_in_the_envelope_and_not_forwarded()
    {
        await using var gateway = await StartAsync("Read", 1, seconds: 60);
        using var client = gateway.Client(running.Issuer.Issue(NewUser()));
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var passed = await client.GetAsync("/api/data/k", Cancelled);
        using var refused = await client.GetAsync(path, Cancelled);

        await Envelope.AssertErrorAsync(refused, 429, "RATE_LIMITED", "Too many requests. Please try again later.", Cancelled);
        Assert.DoesNotContain(running.Data.Arrivals, arrival => arrival.Target == path);
    }

    [Fact]
    public async Task Unknown_paths_and_invalid_tokens_are_limited_and_health_is_not()
    {
        await using var gateway = await StartAsync("Other", 2, seconds: 60);
        using HttpClient client = gateway.Client(), forger = gateway.Client("forged");

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(client, "/nothing")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(forger)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(forger)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(client, "/nothing")).Status);
        for (var i = 0; i < 5; i++)
            Assert.Equal("Healthy", await client.GetStringAsync("/alive", Cancelled));
    }

    [Fact]
    public async Task A_changed_limit_applies_at_once()
    {
        await using var gateway = await StartAsync("Read", 1, seconds: 60);
        using var client = gateway.Client(running.Issuer.Issue(NewUser()));
        await AskAsync(client);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(client)).Status);

        var configuration = (IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>();
        configuration["RateLimits:Read:Limit"] = "3";
        configuration.Reload();

        Assert.Equal((HttpStatusCode.OK, 1), await AskAsync(client) is var answer ? (answer.Status, answer.Remaining) : default);
    }

    [Fact]
    public async Task Concurrent_first_requests_of_a_user_are_counted_together()
    {
        await using var gateway = new GatewayUnderTest().With(running.Issuer).With("data", "h2c", running.Data.Address)
            .With("RateLimits:Read:Limit", "10").Start(); // without Redis, so that only this gateway counts
        for (var user = 0; user < 20; user++)
        {
            using var client = gateway.Client(running.Issuer.Issue(NewUser()));
            await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => client.DeleteAsync("/api/data/k", Cancelled))); // opens the connections; another budget
            var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => AskAsync(client))));
            Assert.Equal(10, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        }
    }

    private static string NewUser() => $"u{Guid.NewGuid():N}";

    private async Task<GatewayUnderTest> StartAsync(string budget, int limit, int seconds)
    {
        var gateway = new GatewayUnderTest()
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address)
            .With("ConnectionStrings:cache", servers.Cache)
            .With("Redis:Deadline", "00:00:02") // a busy machine must not make the gateway do without Redis
            .With($"RateLimits:{budget}:Limit", $"{limit}").With($"RateLimits:{budget}:Window", $"{TimeSpan.FromSeconds(seconds)}")
            .Start();

        // The gateway starts without Redis, and then connects.
        using var client = gateway.Client();
        for (var attempt = 0; (await HealthAnswer.AskAsync(client, Cancelled)).Checks["cache"].Status != "healthy"; attempt++)
        {
            Assert.True(attempt < 300, "no Redis");
            await Task.Delay(100, Cancelled);
        }

        return gateway;
    }

    private static async Task<Answer> AskAsync(HttpClient client, string path = "/api/data/k")
    {
        using var response = await client.GetAsync(path, Cancelled);
        var parts = response.Headers.GetValues("RateLimit").Single().Split(';');
        return new(response.StatusCode, Number(parts[1]), (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    private static int Number(string parameter) => int.Parse(parameter.AsSpan(parameter.IndexOf('=') + 1), CultureInfo.InvariantCulture);

    private sealed record Answer(HttpStatusCode Status, int Remaining, int? RetryAfter);
}
