using System.Globalization;
using System.Net;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Gateway.Tests.Edge;
using KvAspire.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Gateway.Tests;

/// <summary>Limits that two gateways share through a real Redis.</summary>
public sealed class RateLimitTests(Servers servers, RunningGateway running) : IClassFixture<Servers>, IClassFixture<RunningGateway>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exactly_as_many_pass_in_a_window_as_the_limit_says_through_however_many_gateways()
    {
        await using var one = await StartAsync("Read", 100, seconds: 4);
        await using var other = await StartAsync("Read", 100, seconds: 4);
        var token = running.Issuer.Issue(NewUser());
        using HttpClient first = one.Client(token), second = other.Client(token);

        for (var window = 0; window < 2; window++)
        {
            var answers = await OfferAsync(250, first, second);

            Assert.Equal(100, answers.Count(answer => answer.Status == HttpStatusCode.OK));
            Assert.Equal(150, answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests));
            Assert.All(answers, answer => Assert.Equal("\"read\";q=100;w=4", answer.Policy));
            Assert.All(answers, answer => Assert.InRange(answer.Reset, 1, 4));
            Assert.All(answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests), answer =>
            {
                Assert.Equal(0, answer.Remaining);
                Assert.Equal(answer.Reset, answer.RetryAfter);
            });
            Assert.Equal(Enumerable.Range(0, 100), answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Remaining).Order());

            // All of them came together, so all may come again when the last is told to.
            await Task.Delay(TimeSpan.FromSeconds(answers.Max(answer => answer.Reset)), Cancelled);
        }
    }

    [Fact]
    public async Task Who_comes_again_when_told_to_passes_and_who_comes_a_second_earlier_does_not()
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
    public async Task Each_user_has_a_budget_and_each_kind_of_request_has_one()
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
    public async Task Whoever_has_no_token_is_counted_by_address()
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

    [Fact]
    public async Task A_refusal_is_in_the_envelope_and_nothing_is_forwarded()
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
    public async Task Addresses_where_nothing_is_and_tokens_that_are_not_valid_are_limited_and_health_is_not()
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
    public async Task A_limit_that_changes_counts_at_once()
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
    public async Task Without_Redis_each_gateway_holds_the_limit_by_itself_and_no_request_fails_for_it()
    {
        await using var one = await StartAsync("Read", 50, seconds: 60);
        await using var other = await StartAsync("Read", 50, seconds: 60);
        var token = running.Issuer.Issue(NewUser());
        using HttpClient first = one.Client(token), second = other.Client(token);
        var before = await OfferAsync(20, first, second);
        await servers.Commands.ExecuteCommandAsync("cache", KnownResourceCommands.StopCommand, Cancelled);
        try
        {
            var after = await OfferAsync(200, first, second);

            Assert.All(before, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            Assert.All(after, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
            Assert.Equal(100, before.Concat(after).Count(answer => answer.Status == HttpStatusCode.OK)); // 50 at each
        }
        finally
        {
            await servers.Commands.ExecuteCommandAsync("cache", KnownResourceCommands.StartCommand, Cancelled);
        }
    }

    private static string NewUser() => $"u{Guid.NewGuid():N}";

    private async Task<GatewayUnderTest> StartAsync(string budget, int limit, int seconds)
    {
        var gateway = new GatewayUnderTest()
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address)
            .With("ConnectionStrings:cache", servers.Cache)
            .With("Redis:Deadline", "00:00:02") // on a busy machine it must not be done without
            .With($"RateLimits:{budget}:Limit", $"{limit}").With($"RateLimits:{budget}:Window", $"{TimeSpan.FromSeconds(seconds)}")
            .Start();

        // It begins without Redis, and connects.
        using var client = gateway.Client();
        for (var attempt = 0; await client.GetStringAsync("/health", Cancelled) != "Healthy"; attempt++)
        {
            Assert.True(attempt < 300, "no Redis");
            await Task.Delay(100, Cancelled);
        }

        return gateway;
    }

    private static async Task<List<Answer>> OfferAsync(int requests, params HttpClient[] clients) =>
        [.. await Task.WhenAll(Enumerable.Range(0, requests).Select(i => AskAsync(clients[i % clients.Length])))];

    private static async Task<Answer> AskAsync(HttpClient client, string path = "/api/data/k")
    {
        using var response = await client.GetAsync(path, Cancelled);
        var parts = response.Headers.GetValues("RateLimit").Single().Split(';');
        return new(response.StatusCode, response.Headers.GetValues("RateLimit-Policy").Single(), Number(parts[1]), Number(parts[2]),
            (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    private static int Number(string parameter) => int.Parse(parameter.AsSpan(parameter.IndexOf('=') + 1), CultureInfo.InvariantCulture);

    private sealed record Answer(HttpStatusCode Status, string Policy, int Remaining, int Reset, int? RetryAfter);
}
