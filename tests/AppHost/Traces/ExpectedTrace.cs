using System.Diagnostics;
using KvAspire.TestKit.Otlp;

namespace KvAspire.AppHost.Tests.Traces;

/// <summary>What a trace of one request must be: OpenTelemetry's conventions, and docs/reference/telemetry.md.</summary>
internal static class ExpectedTrace
{
    /// <summary>What is wrong with the trace of a call.</summary>
    public static IEnumerable<string> Objections(TracedCall call, IReadOnlyList<OtlpSpan> spans)
    {
        // 1. One root, at the gateway, and every other span below it.
        var ids = spans.Select(span => span.SpanId).ToHashSet();
        if (spans.Where(span => span.ParentId.Length == 0).ToList() is not [{ Service: "gateway", Kind: ActivityKind.Server } root])
        {
            yield return "The root is not one request at the gateway.";
            yield break;
        }

        foreach (var orphan in spans.Where(span => span.ParentId.Length > 0 && !ids.Contains(span.ParentId)))
            yield return $"An orphan: {orphan}";

        // 2. The root says what was asked and answered.
        var (method, route) = call.Operation.Split(' ') is [var verb, var path] ? (verb, RouteOf(path)) : default;
        if ((root.Name, root["http.route"], root["http.request.method"], root["http.response.status_code"])
            != ($"{method} {route}", route, method, $"{call.Status}"))
            yield return $"The root is {root}";

        // 3. It passed through these services and stores, each called by a client's span. The gateway asks Redis for its budgets,
        // for many requests at once.
        var passed = spans.Where(span => span.Kind is ActivityKind.Server && span != root).Select(span => span.Service)
            .Concat(spans.Where(span => span.Service is not "gateway").Select(span => span["db.system.name"]).OfType<string>()).Distinct().Order();
        if (!passed.SequenceEqual(call.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order()))
            yield return $"It passed through {string.Join(' ', passed)}.";
        var byId = spans.ToDictionary(span => span.SpanId);
        foreach (var server in spans.Where(span => span.Kind is ActivityKind.Server && span != root))
        {
            if (byId.GetValueOrDefault(server.ParentId)?.Kind is not ActivityKind.Client)
                yield return $"No client called {server}";
            if (server["http.route"] is not { Length: > 1 } named || named.EndsWith('/') || named.Contains('*', StringComparison.Ordinal))
                yield return $"A route with marks of ASP.NET Core: {server}";
        }

        // 4. Each statement has a name, and no text of a user.
        foreach (var statement in spans.Where(span => span["db.system.name"] is "postgresql"))
        {
            if (!statement.Name.StartsWith("CONNECT", StringComparison.Ordinal)
                && (statement.Name == "postgresql" || statement["db.operation.name"] is null || statement["db.query.summary"] != statement.Name))
                yield return $"A statement without a name: {statement}";
        }

        // 5. Nobody has to look.
        foreach (var red in spans.Where(span => span.Status is ActivityStatusCode.Error || span["error.type"] is not null))
            yield return $"An error: {red}";
        foreach (var span in spans.Where(span => span.Events.Any(happened => happened.Name is "exception")))
            yield return $"An exception: {span}";
        foreach (var span in spans.Where(span => span.Attributes.Keys.Any(name => name is "url.path" or "url.full" or "url.query")))
            yield return $"A path: {span}";
    }

    // The gateway's routes. A key in a query has the route of the collection.
    private static string RouteOf(string path) => path.StartsWith("/api/admin/", StringComparison.Ordinal) ? "/api/admin/{rest}"
        : path is "/api/counters" ? "/api/counters/{key}"
        : path;
}
