using System.Net.Http.Headers;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Neither users and keys nor hostile requests add series.</summary>
public sealed class CardinalityTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private const int Few = 10, Many = 10_000, Hostile = 100, AtOnce = 32;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_users_and_hostile_requests_have_the_series_of_ten()
    {
        await using var gateway = await ScrapedService.StartAsync(typeof(Program).Assembly, new Dictionary<string, string>
        {
            ["services__identity__http__0"] = running.Issuer.Address.ToString(),
            ["services__identity__h2c__0"] = running.Identity.Address.ToString(),
            ["services__data__h2c__0"] = running.Data.Address.ToString(),
            ["RateLimits__Other__Limit"] = "0",
            ["TrustedNetworks__0"] = "127.0.0.0/8", // so that even the schemes of X-Forwarded-Proto come through
        }, Cancelled);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = AtOnce }) { BaseAddress = gateway.Address };

        await VisitAsync(client, Few);
        await AttackAsync(client, 1);
        var before = await gateway.SeriesAsync(Cancelled);
        await VisitAsync(client, Many);
        await AttackAsync(client, Hostile);
        var after = await gateway.SeriesAsync(Cancelled);

        Assert.InRange(before.Count, 50, 1_000);
        Assert.Empty(after.Except(before));
        Assert.Contains(after, series => series.Contains("http_request_method=\"_OTHER\"", StringComparison.Ordinal));
    }

    private Task VisitAsync(HttpClient client, int users) => Repeat(users, async cancel =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/data/key-{Guid.NewGuid():N}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", running.Issuer.Issue($"user-{Guid.NewGuid():N}"));
        using var response = await client.SendAsync(request, cancel);
        Assert.Equal(200, (int)response.StatusCode);
    });

    private static Task AttackAsync(HttpClient client, int times) => Repeat(times, async cancel =>
    {
        var name = $"x{Guid.NewGuid():N}";
        foreach (var (method, target, header, value) in new[]
        {
            (name, "/api/data/k", "X-Nothing", name), ("GET", $"/{name}", "X-Nothing", name), ("GET", $"/{name}/{name}?{name}", "X-Nothing", name),
            ("GET", $"/{name}", "Host", $"{name}.example"), ("GET", $"/{name}", "X-Forwarded-Proto", name), ("GET", $"/{name}", "X-Forwarded-Host", $"{name}.example"),
            ("GET", $"/{name}", "User-Agent", name), ("GET", "/api/data/k", "Authorization", $"Bearer {name}"), ("GET", "/api/data/k", "traceparent", name),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await client.SendAsync(request, cancel);
            Assert.InRange((int)response.StatusCode, 400, 499);
        }
    });

    private static Task Repeat(int times, Func<CancellationToken, Task> act) => Parallel.ForEachAsync(
        Enumerable.Range(0, times), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancelled }, async (_, cancel) => await act(cancel));
}
