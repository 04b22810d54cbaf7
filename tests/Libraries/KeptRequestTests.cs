using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

/// <summary>Requests that the sampler dropped, and that end so that an operator wants to see them.</summary>
[Collection(nameof(Alone))]
public sealed class KeptRequestTests : IAsyncLifetime
{
    private OtlpReceiver receiver = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => receiver = await OtlpReceiver.StartAsync();

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    [Theory]
    [InlineData("/bug", 500, "GET /bug", "/bug", ActivityStatusCode.Error, "500")]
    [InlineData("/lost", 503, "GET /lost", "/lost", ActivityStatusCode.Error, "503")]
    [InlineData("/fields", 400, "GET /fields", "/fields", ActivityStatusCode.Unset, null)]
    [InlineData("/nowhere", 404, "GET", null, ActivityStatusCode.Unset, null)]
    public async Task An_error_that_was_not_sampled_is_recorded_like_one_that_was(
        string path, int status, string name, string? route, ActivityStatusCode outcome, string? error)
    {
        await using var service = await StartAsync();

        using var answer = await service.Client.GetAsync(path, Cancelled);

        Assert.Equal(status, (int)answer.StatusCode);
        var span = Assert.Single(await receiver.SpansAsync(await TraceOfAsync(answer), spans => spans.Count > 0, Cancelled));
        Assert.Equal((name, route, outcome, error, ActivityKind.Server), (span.Name, span["http.route"], span.Status, span["error.type"], span.Kind));
        Assert.Equal(
            ("GET", "http", $"{status}", "127.0.0.1", "1.1", "error"),
            (span["http.request.method"], span["url.scheme"], span["http.response.status_code"], span["server.address"],
                span["network.protocol.version"], span["kvaspire.kept"]));
        Assert.Empty(span.Events);
        Assert.True(span.End > span.Start);
    }

    [Fact]
    public async Task A_slow_request_is_recorded_and_a_quick_one_is_not()
    {
        await using var service = await StartAsync(("Telemetry:SlowRequest", "00:00:00.2"));

        await service.Client.GetAsync("/fine/x", Cancelled);
        await service.Client.GetAsync("/slow", Cancelled);

        await receiver.WaitUntilAsync(sent => sent.Spans().Any(span => span.Name == "GET /slow"), "no span", Cancelled);
        var span = Assert.Single(receiver.Spans());
        Assert.Equal(("slow", "200", ActivityStatusCode.Unset), (span["kvaspire.kept"], span["http.response.status_code"], span.Status));
    }

    [Fact]
    public async Task An_error_beyond_what_is_kept_says_that_its_trace_is_not_recorded()
    {
        await using var service = await StartAsync(("Telemetry:KeptErrorsPerSecond", "0"));

        using var answer = await service.Client.GetAsync("/bug", Cancelled);
        using var problem = new HttpRequestMessage(HttpMethod.Get, "/bug") { Headers = { { "Accept", "application/problem+json" } } };
        using var other = await service.Client.SendAsync(problem, Cancelled);

        var trace = await TraceOfAsync(answer);
        Assert.Equal(
            $$"""{"status":"error","code":"INTERNAL_SERVER_ERROR","message":"An internal server error occurred. Please try again later.","trace_id":"{{trace}}","trace_recorded":false}""",
            await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.EndsWith($"\"trace_id\":\"{await TraceOfAsync(other)}\",\"trace_recorded\":false}}", await other.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal("?0", Assert.Single(answer.Headers.GetValues("Trace-Recorded")));
        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Logs, trace), "no log", Cancelled);
        await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Metrics, "/bug"), "no metric", Cancelled);
        Assert.Empty(receiver.Spans());
    }

    [Fact]
    public async Task Every_error_of_a_flood_is_recorded_or_says_that_it_is_not()
    {
        await using var service = await StartAsync(("Telemetry:KeptErrorsPerSecond", "4"));

        var answers = new List<(string Trace, bool IsRecorded)>();
        foreach (var path in Enumerable.Repeat("/nowhere", 40).Append("/bug"))
        {
            using var answer = await service.Client.GetAsync(path, Cancelled);
            answers.Add((await TraceOfAsync(answer), !answer.Headers.Contains("Trace-Recorded")));
        }

        Assert.True(answers[^1].IsRecorded, "Refusals left no room for the failure.");
        await receiver.WaitUntilAsync(sent => sent.Spans().Any(span => span.TraceId == answers[^1].Trace), "no span", Cancelled);
        Assert.Equal(
            answers.Where(answer => answer.IsRecorded).Select(answer => answer.Trace).Order(),
            receiver.Spans().Select(span => span.TraceId).Order());
        Assert.Contains(answers, answer => !answer.IsRecorded);
    }

    [Fact]
    public async Task A_failed_poll_of_another_service_is_not_recorded()
    {
        await using var service = await StartAsync();

        await service.Client.GetAsync("/polled", Cancelled);
        using var marker = await service.Client.GetAsync("/bug", Cancelled);

        await receiver.SpansAsync(await TraceOfAsync(marker), spans => spans.Count > 0, Cancelled);
        Assert.Single(receiver.Spans());
    }

    [Fact]
    public async Task A_service_names_the_request_as_the_parent_of_what_is_not_recorded()
    {
        await using var service = await StartAsync();
        var parent = new Activity("request").Start(); // not recorded
        using var request = new HttpRequestMessage(HttpMethod.Get, "/bug");

        using var answer = await service.Client.SendAsync(request, Cancelled);
        parent.Stop();

        var span = Assert.Single(await receiver.SpansAsync(await TraceOfAsync(answer), spans => spans.Count > 0, Cancelled));
        Assert.Equal((parent.TraceId.ToHexString(), parent.SpanId.ToHexString()), (span.TraceId, span.ParentId));
    }

    private Task<SmallService> StartAsync(params (string Name, string Value)[] settings) => SmallService.StartAsync(
        receiver.Settings.Append(new("Telemetry:TracesPerSecond", "0"))
            .Concat(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))).ToDictionary());

    private static async Task<string> TraceOfAsync(HttpResponseMessage answer)
    {
        using var body = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled));
        return body.RootElement.GetProperty("trace_id").GetString()!;
    }
}
