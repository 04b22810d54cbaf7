using System.Net.Http.Json;
using System.Text.Json.Nodes;
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
        var (calls, made) = (await CallsAsync(), new List<(TracedCall Call, string Agent, string? TraceId)>());
        using var client = new HttpClient { BaseAddress = system.App.GetEndpoint("gateway", "http") };
        foreach (var call in calls.All())
        {
            var agent = $"traced/{Guid.NewGuid():N}";
            made.Add((call, agent, await SendAsync(client, call, agent, calls)));
        }

        Assert.Empty(Described().Except(made.Select(each => each.Call.Operation)));
        var objections = new List<string>();
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
    public async Task An_idle_system_makes_no_trace()
    {
        await QuietAsync();
        var before = system.Telemetry.Spans().Select(span => span.TraceId).ToHashSet();

        await Task.Delay(Idle, Cancelled);

        var traces = system.Telemetry.Spans().Where(span => !before.Contains(span.TraceId)).GroupBy(span => span.TraceId).ToList();

        // What earlier tests left behind may come due: expired entries, erasures.
        Assert.All(traces, trace => Assert.StartsWith("kvaspire.", trace.Single(span => span.ParentId.Length == 0).Name, StringComparison.Ordinal));
        Assert.InRange(traces.Count, 0, 9);
    }

    private async Task<TracedCalls> CallsAsync()
    {
        using var anybody = system.Client("gateway");
        using var signedIn = await anybody.PostAsJsonAsync("/api/token", new { username = "admin", password = RunningSystem.FirstAdminPassword }, Cancelled);
        var admin = (await signedIn.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["access_token"]!.GetValue<string>();
        return new(await system.RegisterAsync(Cancelled), await system.RegisterAsync(Cancelled), admin);
    }

    // Returns the trace id of an error.
    private static async Task<string?> SendAsync(HttpClient client, TracedCall call, string agent, TracedCalls calls)
    {
        using var request = call.Request(agent);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        if (answer.Content.Headers.ContentType?.MediaType is "text/event-stream")
            return null; // cut by the client

        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(call.Status == (int)answer.StatusCode, $"{call.Operation}: {(int)answer.StatusCode} {text}");
        calls.Remember(text);
        return call.Status >= 400 && text.Length > 0 ? JsonNode.Parse(text)!["trace_id"]!.GetValue<string>() : null;
    }

    // All spans of the traces in which a service met this user agent, once there are no more to come.
    private async Task<IReadOnlyList<OtlpSpan>> TraceAsync(TracedCall call, string agent)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var all = system.Telemetry.Spans();
            var traces = all.Where(span => span["user_agent.original"] == agent).Select(span => span.TraceId).ToHashSet();
            var spans = all.Where(span => traces.Contains(span.TraceId)).ToList();
            var isOver = TimeProvider.System.GetElapsedTime(began) > Patience;
            if (isOver || call.Path is "untraced" || !ExpectedTrace.Objections(call, spans).Any())
                return spans;
            await Task.Delay(100, Cancelled);
        }
    }

    // Until what earlier requests left to do is done.
    private async Task QuietAsync()
    {
        for (var (count, same) = (-1, 0); same < 5; await Task.Delay(1_000, Cancelled))
        {
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
