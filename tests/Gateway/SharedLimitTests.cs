using System.Diagnostics;
using System.Globalization;
using System.Net;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>
/// A limit that two gateways, each in its own process, share through a real Redis. The tests send five times the limit, over
/// the first half of each window.
/// </summary>
public sealed class SharedLimitTests(Servers servers, RunningGateway behind, ITestOutputHelper output)
    : IClassFixture<Servers>, IClassFixture<RunningGateway>, IAsyncLifetime
{
    private const int Limit = 100, Offered = 500;

    private static readonly int Seconds = int.Parse(
        Environment.GetEnvironmentVariable("KVASPIRE_RATE_LIMIT_SECONDS") ?? "5", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(Seconds), Apart = Window / 2 / Offered;

    // Redis counts in whole milliseconds.
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly List<GatewayProcess> gateways = [];
    private readonly List<HttpClient> clients = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string>
        {
            ["services__identity__http__0"] = behind.Issuer.Address.ToString(),
            ["services__identity__h2c__0"] = behind.Identity.Address.ToString(),
            ["services__data__h2c__0"] = behind.Data.Address.ToString(),
            ["ConnectionStrings__cache"] = servers.Cache,
            ["Redis__Deadline"] = "00:00:02", // a busy machine must not make the gateway do without Redis
            ["RateLimits__Read__Limit"] = $"{Limit}",
            ["RateLimits__Read__Window"] = $"{Window}",
        };
        gateways.AddRange(await Task.WhenAll(GatewayProcess.StartAsync(settings, Cancelled), GatewayProcess.StartAsync(settings, Cancelled)));
        var token = behind.Issuer.Issue($"u{Guid.NewGuid():N}");
        foreach (var gateway in gateways)
        {
            var client = new HttpClient { BaseAddress = gateway.Address };
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            clients.Add(client);
        }
    }

    public ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        gateways.ForEach(gateway => gateway.Dispose());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_window_admits_exactly_the_limit_and_every_response_tells_what_is_left()
    {
        var all = new List<Answer>();
        for (var window = 0; window < 2; window++)
        {
            var answers = await OfferAsync();
            Tell(answers);
            AssertTheLimitIsShared(answers);
            all.AddRange(answers);
            await WindowAfterAsync(answers);
        }

        // No other window, wherever it begins, has more than the limit.
        var passed = all.Where(answer => answer.Passed).OrderBy(answer => answer.Received).ToList();
        foreach (var (early, late) in passed.Zip(passed.Skip(Limit)))
            Assert.True(late.Received - early.Sent >= Window - Millisecond);
    }

    [Fact]
    public async Task Without_Redis_each_gateway_limits_alone_and_with_Redis_they_share_the_limit_again()
    {
        var offered = OfferAsync();
        await Task.Delay(Limit / 2 * Apart, Cancelled); // after half of the limit
        await servers.KillAsync("cache", Cancelled);
        try
        {
            var answers = await offered;

            Tell(answers);
            Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
            Assert.All(answers, answer => Assert.Equal($"\"read\";q={Limit};w={Seconds}", answer.Policy));
            Assert.All(answers, answer => Assert.Equal(answer.Passed ? null : answer.Reset, answer.RetryAfter));
            Assert.All(answers.GroupBy(answer => answer.Gateway), each => Assert.Equal(Limit, each.Count(answer => answer.Passed)));
            await WindowAfterAsync(answers);
        }
        finally
        {
            var started = await servers.Commands.ExecuteCommandAsync("cache", KnownResourceCommands.StartCommand, Cancelled);
            Assert.True(started.Success, started.Message);
        }

        foreach (var (gateway, client) in gateways.Zip(clients))
            await gateway.HealthyAsync(client, Cancelled);
        AssertTheLimitIsShared(await OfferAsync());
    }

    private static void AssertTheLimitIsShared(List<Answer> answers)
    {
        var passed = answers.Where(answer => answer.Passed).ToList();
        Assert.Equal((Limit, Offered - Limit), (passed.Count, answers.Count(answer => answer.Status is HttpStatusCode.TooManyRequests)));
        Assert.All(answers.GroupBy(answer => answer.Gateway), each => Assert.Contains(each, answer => answer.Passed));
        Assert.All(answers, answer => Assert.Equal($"\"read\";q={Limit};w={Seconds}", answer.Policy));
        Assert.Equal(Enumerable.Range(0, Limit), passed.Select(answer => answer.Remaining).Order());

        // Redis granted the first request between its sending and its response. There is room again when it leaves the window.
        TimeSpan first = passed.Min(answer => answer.Sent), atTheLatest = passed.Min(answer => answer.Received);
        Assert.All(answers, answer => Assert.InRange(
            answer.Reset, WholeSeconds(first - Millisecond + Window - answer.Received), WholeSeconds(atTheLatest + Millisecond + Window - answer.Sent)));
        Assert.All(answers.Where(answer => !answer.Passed), answer => Assert.Equal((0, answer.Reset), (answer.Remaining, answer.RetryAfter)));
    }

    private static int WholeSeconds(TimeSpan time) => (int)Math.Max(1, Math.Ceiling(time.TotalSeconds));

    private static Task WindowAfterAsync(List<Answer> answers)
    {
        var rest = answers.Where(answer => answer.Passed).Max(answer => answer.Received) + Window + Millisecond - Now();
        return Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Cancelled);
    }

    private async Task<List<Answer>> OfferAsync()
    {
        var began = Now();
        return [.. await Task.WhenAll(Enumerable.Range(0, Offered).Select(async number =>
        {
            var early = began + (number * Apart) - Now();
            if (early > TimeSpan.Zero)
                await Task.Delay(early, Cancelled);
            return await AskAsync(number % clients.Count);
        }))];
    }

    private async Task<Answer> AskAsync(int gateway)
    {
        var sent = Now();
        using var response = await clients[gateway].GetAsync("/api/data/k", Cancelled);
        var received = Now();
        var parts = response.Headers.GetValues("RateLimit").Single().Split(';');
        return new(gateway, sent, received, response.StatusCode, response.Headers.GetValues("RateLimit-Policy").Single(), Number(parts[1]), Number(parts[2]),
            (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    private void Tell(List<Answer> answers) => output.WriteLine(
        $"{answers.Count(answer => answer.Passed)} of {answers.Count} passed ({string.Join(" and ", clients.Select((_, gateway) => answers.Count(answer => answer.Passed && answer.Gateway == gateway)))}), "
        + $"the slowest answer took {answers.Max(answer => answer.Received - answer.Sent).TotalMilliseconds:F0} ms");

    private static TimeSpan Now() => Stopwatch.GetElapsedTime(0);

    private static int Number(string parameter) => int.Parse(parameter.AsSpan(parameter.IndexOf('=') + 1), CultureInfo.InvariantCulture);

    private sealed record Answer(
        int Gateway, TimeSpan Sent, TimeSpan Received, HttpStatusCode Status, string Policy, int Remaining, int Reset, int? RetryAfter)
    {
        public bool Passed => Status is HttpStatusCode.OK;
    }
}
