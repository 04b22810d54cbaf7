using System.Net;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>The metrics of <c>docs/reference/telemetry.md</c> are those of the service.</summary>
public sealed class CatalogueTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_emits_the_metrics_of_the_page_and_no_others()
    {
        using var recorder = new InstrumentRecorder("KvAspire.Identity");
        await using var service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled), settings: ("Metrics:SurveyEvery", "00:00:00.200"));
        var person = Person.New();
        await person.RegisterAsync(service.Client, Cancelled);
        var access = await person.SignInAsync(service.Client, Cancelled);
        var before = recorder.Sum("kvaspire.tokens.refused", "invalid_credentials");
        using var wrong = await service.Client.PostAsync(
            "/api/token", Person.Json(new JsonObject { ["username"] = person.Username, ["password"] = "not the password" }), Cancelled);
        using var unknown = await service.ClientWith("no token").GetAsync("/api/account", Cancelled);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, unknown.StatusCode));
        using var deletion = new HttpRequestMessage(HttpMethod.Delete, "/api/account") { Content = Person.Json(new JsonObject { ["password"] = person.Password }) };
        using var deleted = await service.ClientWith(access).SendAsync(deletion, Cancelled);
        Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync(Cancelled));

        for (var attempt = 0; recorder.Sum("kvaspire.erasures.oldest") <= 0 || !recorder.All.ContainsKey("kvaspire.clock.offset"); attempt++)
        {
            Assert.True(attempt < 200, $"Only {string.Join(", ", recorder.All.Keys.Order())}");
            await Task.Delay(50, Cancelled);
        }

        MetricsCatalogue.AssertIs("I", recorder.All);
        Assert.InRange(recorder.Sum("kvaspire.tokens.refused", "invalid_credentials"), before + 1, double.MaxValue);
        Assert.InRange(recorder.Sum("kvaspire.tokens.issued", "password"), 1, double.MaxValue);
    }
}
