using System.Net;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The metrics of <c>docs/reference/telemetry.md</c> are those of the service.</summary>
public sealed class CatalogueTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_emits_the_metrics_of_the_page_and_no_others()
    {
        using var recorder = new InstrumentRecorder("KvAspire.Data");
        await using var data = world.NewReplica(("Metrics:SurveyEvery", "00:00:00.200"), ("Metrics:LongSurveyEvery", "00:00:00.200"));
        var (user, key) = (data.NewUser(), $"key-{Guid.NewGuid():N}");
        using var watch = await EventReader.OpenAsync(user);
        await user.StoreAsync(key, "1");
        await user.GetAsync($"/api/data/{key}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await data.WithToken("no token").GetAsync($"/api/data/{key}")).StatusCode);

        for (var attempt = 0; recorder.Sum("kvaspire.watch.lag") <= 0 || recorder.Sum("kvaspire.quota.owners") < 1 || !recorder.All.ContainsKey("kvaspire.clock.offset"); attempt++)
        {
            Assert.True(attempt < 200, $"Only {string.Join(", ", recorder.All.Keys.Order())}");
            await Task.Delay(50, Cancelled);
        }

        MetricsCatalogue.AssertIs("D", recorder.All);
        Assert.InRange(recorder.Sum("kvaspire.access_tokens.refused", "malformed"), 1, double.MaxValue);
    }
}
