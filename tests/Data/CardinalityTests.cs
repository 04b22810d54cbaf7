using System.Net.Http.Headers;
using System.Text;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The number of series does not grow with users and keys.</summary>
public sealed class CardinalityTests(World world)
{
    private const int Few = 10, Many = 10_000, AtOnce = 32;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_users_and_keys_have_the_series_of_ten()
    {
        await using var data = await ScrapedService.StartAsync(typeof(Program).Assembly, new Dictionary<string, string>
        {
            ["Kestrel__Endpoints__h2c__Url"] = "http://127.0.0.1:0",
            ["ConnectionStrings__datadb"] = World.Roles.Service(world.Database),
            ["ConnectionStrings__cache"] = world.Cache,
            ["services__identity__http__0"] = world.Issuer.Address.ToString(),
            ["Redis__Deadline"] = "00:00:05", // a busy machine is no lost Redis
            ["Metrics__SurveyEvery"] = "00:00:00.500",
            ["Metrics__LongSurveyEvery"] = "00:00:00.500",
        }, Cancelled);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = AtOnce }) { BaseAddress = data.Address };

        await VisitAsync(client, Few);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled); // for the surveys
        var before = await data.SeriesAsync(Cancelled);
        await VisitAsync(client, Many);
        var after = await data.SeriesAsync(Cancelled);

        Assert.InRange(before.Count, 100, 1_000);
        Assert.Empty(after.Except(before));
    }

    // Each user stores and reads an entry.
    private Task VisitAsync(HttpClient client, int users) => Parallel.ForEachAsync(
        Enumerable.Range(0, users), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancelled }, async (_, cancel) =>
        {
            var (user, key) = ($"user-{Guid.NewGuid():N}", $"key-{Guid.NewGuid():N}");
            var token = new AuthenticationHeaderValue("Bearer", world.Issuer.Issue(user));
            foreach (var (method, target, status) in new[]
            {
                (HttpMethod.Put, $"/api/data/{key}?upsert=true", 201), (HttpMethod.Get, $"/api/data/{key}", 200),
            })
            {
                using var request = new HttpRequestMessage(method, target) { Headers = { Authorization = token } };
                if (method == HttpMethod.Put)
                    request.Content = new StringContent("{\"value\":1}", Encoding.UTF8, "application/json");
                using var response = await client.SendAsync(request, cancel);
                Assert.Equal(status, (int)response.StatusCode);
            }
        });
}
