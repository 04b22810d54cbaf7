using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using KvAspire.TestKit.Otlp;
using Xunit;

namespace KvAspire.AppHost.Tests.Traces;

/// <summary>The traces of the whole system. They run alone: requests of other tests would share batches.</summary>
[Collection(LastOfAll.Name)]
public sealed class OperationTraceTests(RunningSystem system)
{
    // By default only so long that each poll of each service ran several times.
    private static readonly TimeSpan Idle = Environment.GetEnvironmentVariable("KVASPIRE_IDLE_MINUTES") is { } minutes
        ? TimeSpan.FromMinutes(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture))
        : TimeSpan.FromSeconds(35);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_public_operation_is_exactly_one_trace_with_the_expected_tree()
    {
        var (calls, made, objections) = (await CallsAsync(), new List<(TracedCall Call, string Agent, string? TraceId)>(), new List<string>());
        using var client = new HttpClient { BaseAddress = system.App.GetEndpoint("gateway", "http") };
        foreach (var call in calls.All())
        {
            var agent = $"traced/{Guid.NewGuid():N}";
            var (traceId, objection) = await SendAsync(client, call, agent, calls);
            if (objection is null)
                made.Add((call, agent, traceId));
            else
                objections.Add(objection);
        }

        objections.AddRange(Described().Except(made.Select(each => each.Call.Operation)).Select(operation => $"{operation} was not tried."));
        foreach (var (call, agent, traceId) in made)
        {
            var spans = await TraceAsync(call, agent);
            objections.AddRange((call.Path is "untraced" ? spans.Select(span => $"A span: {span}") : ExpectedTrace.Objections(call, spans))
                .Concat(traceId is null || spans.All(span => span.TraceId == traceId) ? [] : [$"The answer names the trace {traceId}."])
                .Select(objection => $"{call.Operation} {call.Status}: {objection}"));
        }

        Assert.True(objections.Count == 0, string.Join('\n', objections));
    }

    [Fact]
    public async Task An_erasure_is_a_trace_through_the_services_linked_to_the_request_that_asked_for_it()
    {
        var (account, agent) = (await system.RegisterAsync(Cancelled), $"traced/{Guid.NewGuid():N}");
        var call = new TracedCall("DELETE /api/account", 202, "identity postgresql", "/api/account", new { password = Account.Password }, account.AccessToken);
        using var client = new HttpClient { BaseAddress = system.App.GetEndpoint("gateway", "http") };
        using var request = call.Request(agent);
        (await client.SendAsync(request, Cancelled)).Dispose();
        var cause = (await TraceAsync(call, agent)).Single(span => span.Service is "identity" && span.Kind is ActivityKind.Server);

        await system.Telemetry.WaitUntilAsync(_ => StepOf(cause) is not null, "no span", Cancelled);

        var step = StepOf(cause)!;
        Assert.Equal(("identity", "", ActivityStatusCode.Unset), (step.Service, step.ParentId, step.Status));
        var trace = await system.Telemetry.SpansAsync(step.TraceId, spans => spans.Any(span => span.Service is "data" && span.Kind is ActivityKind.Server), Cancelled);
        Assert.Contains("DELETE /internal/owners/{sub}", trace.Where(span => span.Service is "data" && span.Kind is ActivityKind.Server).Select(span => span.Name));
        Assert.Contains("DELETE /internal/owners/{sub}", trace.Where(span => span.ParentId == step.SpanId).Select(span => span.Name));
    }

    [Fact]
    public async Task An_idle_system_makes_no_trace()
    {
        await QuietAsync();
        var before = system.Telemetry.Count(OtlpReceiver.Traces);

        await Task.Delay(Idle, Cancelled);

        var traces = system.Telemetry.Spans(except: before).GroupBy(span => span.TraceId).ToList();

        // What earlier tests left behind may come due: expired entries, erasures.
        Assert.All(traces, trace => Assert.Contains(trace, span => span.ParentId.Length == 0 && span.Name.StartsWith("kvaspire.", StringComparison.Ordinal)));
        Assert.InRange(traces.Count(trace => trace.All(span => span.Name is not "kvaspire.erasure.step")), 0, 9);
    }

    private OtlpSpan? StepOf(OtlpSpan cause) => system.Telemetry.SpansWith("kvaspire.erasure.step")
        .FirstOrDefault(step => step.Links.Contains(new OtlpLink(cause.TraceId, cause.SpanId)));

    private async Task<TracedCalls> CallsAsync()
    {
        using var anybody = system.Client("gateway");
        using var signedIn = await anybody.PostAsJsonAsync("/api/token", new { username = "admin", password = RunningSystem.FirstAdminPassword }, Cancelled);
        var admin = (await signedIn.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["access_token"]!.GetValue<string>();
        var accounts = new[] { await system.RegisterAsync(Cancelled), await system.RegisterAsync(Cancelled), await system.RegisterAsync(Cancelled) };

        // The services have fetched the keys, and know the token.
        using var user = system.Client("gateway", accounts[0].AccessToken);
        (await user.GetAsync("/api/usage", Cancelled)).Dispose();
        return new(accounts[0], accounts[1], accounts[2], admin);
    }

    // Returns the trace id of an error, or what is wrong with the answer.
    private static async Task<(string? TraceId, string? Objection)> SendAsync(HttpClient client, TracedCall call, string agent, TracedCalls calls)
    {
        using var request = call.Request(agent);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        if (answer.Content.Headers.ContentType?.MediaType is "text/event-stream")
            return default; // cut by the client

        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        if (call.Status != (int)answer.StatusCode)
            return (null, $"{call.Operation}: {(int)answer.StatusCode} {text}");

        calls.Remember(text);
        return (call.Status >= 400 && text.Length > 0 ? JsonNode.Parse(text)!["trace_id"]!.GetValue<string>() : null, null);
    }

    // All spans of the traces in which a service met this user agent, once there are no more to come.
    private async Task<IReadOnlyList<OtlpSpan>> TraceAsync(TracedCall call, string agent)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var traces = system.Telemetry.SpansWith(agent).Select(span => span.TraceId).Distinct();
            var spans = traces.SelectMany(trace => system.Telemetry.Spans(trace)).ToList();
            var isOver = TimeProvider.System.GetElapsedTime(began) > Patience;
            if (isOver || call.Path is "untraced" || !ExpectedTrace.Objections(call, spans).Any())
                return spans;
            await Task.Delay(100, Cancelled);
        }
    }

    // Until what earlier requests left to do is done.
    private async Task QuietAsync()
    {
        for (var (count, same, second) = (-1, 0, 0); same < 3 && second < 15; second++)
        {
            await Task.Delay(1_000, Cancelled);
            var now = system.Telemetry.Count(OtlpReceiver.Traces);
            (count, same) = (now, now == count ? same + 1 : 0);
        }
    }

    private static IEnumerable<string> Described()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "openapi", "v1.json")))!;
        return document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
    }
}
