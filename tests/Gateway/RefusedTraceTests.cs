using System.Diagnostics;
using System.Text.Json.Nodes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using KvAspire.TestKit.Otlp;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

/// <summary>The traces of errors, at a gateway that samples nothing. They run alone, as <see cref="TelemetryTests"/> does.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class RefusedTraceTests : IAsyncLifetime
{
    private OtlpReceiver receiver = null!;
    private TestIssuer issuer = null!;
    private Backend data = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        (receiver, issuer, data) = (await OtlpReceiver.StartAsync(), await TestIssuer.StartAsync(), await Backend.StartAsync("data"));

    public async ValueTask DisposeAsync()
    {
        await data.DisposeAsync();
        await issuer.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_limited_request_has_an_event_with_its_budget()
    {
        await using var gateway = Start(("RateLimits:Read:Limit", "1"));
        using var client = gateway.Client(issuer.Issue("user"));
        (await client.GetAsync("/api/usage", Cancelled)).Dispose();

        var span = await SpanOfErrorAsync(client, 429);

        Assert.Equal(("GET /api/usage", ActivityStatusCode.Unset), (span.Name, span.Status));
        var limited = Assert.Single(span.Events);
        Assert.Equal(("kvaspire.limited", "read"), (limited.Name, limited.Attributes["kvaspire.budget"]));
    }

    [Theory]
    [InlineData(null, "missing")]
    [InlineData("not.a.token", "malformed")]
    public async Task A_refused_token_has_an_event_with_the_reason(string? token, string reason)
    {
        await using var gateway = Start();
        using var client = gateway.Client(token);

        var refused = Assert.Single((await SpanOfErrorAsync(client, 401)).Events);

        Assert.Equal(("kvaspire.token.refused", reason), (refused.Name, refused.Attributes["kvaspire.reason"]));
    }

    [Fact]
    public async Task A_shed_request_has_an_event_with_its_service()
    {
        var release = new TaskCompletionSource();
        data.Answer = async context => await release.Task.WaitAsync(context.RequestAborted);
        await using var gateway = Start(("Overload:MaxConcurrent", "1"), ("Overload:MaxWaiting", "1"), ("Overload:MaxWait", "00:00:00.200"));
        using var client = gateway.Client(issuer.Issue("user"));
        var first = client.GetAsync("/api/usage", Cancelled);
        while (!data.Arrivals.Any())
            await Task.Delay(10, Cancelled);

        var span = await SpanOfErrorAsync(client, 503);
        release.SetResult();
        (await first).Dispose();

        var shed = Assert.Single(span.Events, happened => happened.Name is "kvaspire.shed");
        Assert.Equal(("data", ActivityStatusCode.Error, "503"), (shed.Attributes["kvaspire.service"], span.Status, span["error.type"]));
    }

    [Fact]
    public async Task What_a_service_keeps_of_a_request_hangs_on_what_the_gateway_keeps()
    {
        data.Answer = Fail;
        await using var gateway = Start();
        using var client = gateway.Client(issuer.Issue("user"));
        (await client.GetAsync("/api/usage", Cancelled)).Dispose();

        var traceparent = Assert.Single(data.Arrivals).Headers["traceparent"].Split('-');
        var span = Assert.Single(await receiver.SpansAsync(traceparent[1], spans => spans.Count > 0, Cancelled));

        Assert.Equal((span.SpanId, "00"), (traceparent[2], traceparent[3]));
        Assert.Equal(("error", "500"), (span["kvaspire.kept"], span["error.type"]));
    }

    [Fact]
    public async Task The_gateway_keeps_nothing_of_an_error_of_which_the_service_said_that_it_is_not_recorded()
    {
        data.Answer = context =>
        {
            context.Response.Headers["Trace-Recorded"] = "?0";
            return Fail(context);
        };
        await using var gateway = Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var answer = await client.GetAsync("/api/usage", Cancelled);
        var trace = Assert.Single(data.Arrivals).Headers["traceparent"].Split('-')[1];
        using var anybody = gateway.Client();
        await SpanOfErrorAsync(anybody, 401); // exported after it

        Assert.Equal("?0", Assert.Single(answer.Headers.GetValues("Trace-Recorded")));
        Assert.Empty(receiver.Spans(trace));
    }

    [Fact]
    public async Task A_refusal_of_a_service_is_no_error_of_the_call()
    {
        data.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            return Task.CompletedTask;
        };
        await using var gateway = Start(("Telemetry:TracesPerSecond", "100"));
        using var client = gateway.Client(issuer.Issue("user"));
        (await client.GetAsync("/api/usage", Cancelled)).Dispose();

        var trace = Assert.Single(data.Arrivals).Headers["traceparent"].Split('-')[1];
        var spans = (await receiver.SpansAsync(trace, spans => spans.Any(IsOfRequest), Cancelled)).Where(span => span["http.response.status_code"] is "409").ToList();

        Assert.Contains(spans, span => span.Kind is ActivityKind.Client);
        Assert.All(spans, span => Assert.Equal((ActivityStatusCode.Unset, null), (span.Status, span["error.type"])));
    }

    private GatewayUnderTest Start(params IEnumerable<(string Key, string Value)> settings)
    {
        var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).With("Telemetry:TracesPerSecond", "0");
        foreach (var (key, value) in receiver.Settings.Select(setting => (setting.Key, setting.Value)).Concat(settings))
            gateway.With(key, value);
        return gateway.Start();
    }

    private async Task<OtlpSpan> SpanOfErrorAsync(HttpClient client, int status)
    {
        using var answer = await client.GetAsync("/api/usage", Cancelled);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
        Assert.Equal(status, (int)answer.StatusCode);
        var trace = body["trace_id"]!.GetValue<string>();
        return Assert.Single(await receiver.SpansAsync(trace, spans => spans.Any(IsOfRequest), Cancelled), IsOfRequest);
    }

    // The servers behind the gateway are in the same process, and have no routes.
    private static bool IsOfRequest(OtlpSpan span) => span["http.route"] is not null;

    private static Task Fail(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Task.CompletedTask;
    }
}
