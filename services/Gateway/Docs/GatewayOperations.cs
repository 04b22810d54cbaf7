using System.Text.Json.Nodes;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Docs;

/// <summary>The gateway's own operations in the OpenAPI document.</summary>
internal static class GatewayOperations
{
    public static void AddTo(JsonObject paths)
    {
        paths["/health"] = Get(
            "readHealth",
            "Whether the gateway is ready",
            "For load balancers. Degraded still means ready: the gateway serves what it can. Answers 503 also while the gateway drains.",
            new() { ["200"] = Health("It is healthy or degraded.", "degraded"), ["503"] = Health("It is not.", "unhealthy") });
        paths["/alive"] = Get(
            "readAlive",
            "Whether the gateway runs",
            "For process supervisors. Checks only the process itself.",
            new() { ["200"] = Text("Yes.", "Healthy"), ["503"] = Text("No.", "Unhealthy") });
        paths[ApiDocument.Path] = Get(
            "readDocument",
            "This document",
            "The document changes with a release only. Cache it, and revalidate with `If-None-Match`.",
            new()
            {
                ["200"] = new JsonObject
                {
                    ["description"] = "The document.",
                    ["headers"] = new JsonObject
                    {
                        ["ETag"] = ErrorResponses.Reference("headers/ETag"),
                        ["Cache-Control"] = ErrorResponses.Reference("headers/Cache-Control"),
                    },
                    ["content"] = Content("application/json", new() { ["schema"] = new JsonObject { ["type"] = "object" } }),
                },
                ["304"] = new JsonObject { ["description"] = "The document still has the entity tag in `If-None-Match`." },
            });
    }

    private static JsonObject Health(string description, string status)
    {
        static JsonObject Status() => new() { ["type"] = "string", ["enum"] = new JsonArray("healthy", "degraded", "unhealthy") };
        static JsonObject Milliseconds() => new() { ["type"] = "number", ["description"] = "Milliseconds." };
        static JsonObject Object(JsonObject properties, params string[] required) => new()
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]),
            ["properties"] = properties,
        };

        var check = Object(
            new()
            {
                ["status"] = Status(),
                ["duration_ms"] = Milliseconds(),
                ["description"] = new JsonObject { ["type"] = "string", ["description"] = "Why it is not healthy." },
            },
            "status", "duration_ms");
        return new()
        {
            ["description"] = description,
            ["headers"] = new JsonObject { ["Cache-Control"] = ErrorResponses.Reference("headers/Cache-Control") },
            ["content"] = Content("application/json", new()
            {
                ["schema"] = Object(
                    new()
                    {
                        ["status"] = Status(),
                        ["total_duration_ms"] = Milliseconds(),
                        ["checks"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = check, ["description"] = "By their names." },
                    },
                    "status", "total_duration_ms", "checks"),
                ["example"] = new JsonObject
                {
                    ["status"] = status,
                    ["total_duration_ms"] = 0.4,
                    ["checks"] = new JsonObject
                    {
                        [status is "degraded" ? "cache" : "draining"] = new JsonObject
                        {
                            ["status"] = status,
                            ["duration_ms"] = 0.1,
                            ["description"] = status is "degraded" ? "Redis does not answer." : "The service is draining.",
                        },
                    },
                },
            }),
        };
    }

    private static JsonObject Get(string id, string summary, string text, JsonObject responses)
    {
        ApiError[] errors = [ErrorCatalogue.InvalidRequest, ErrorCatalogue.MethodNotAllowed, ErrorCatalogue.HeadersTooLarge];
        ErrorResponses.AddTo(responses, errors, withBodies: true);
        return new()
        {
            ["get"] = new JsonObject
            {
                ["tags"] = new JsonArray(Tags.System),
                ["summary"] = summary,
                ["description"] = text,
                ["operationId"] = id,
                ["responses"] = responses,
                ["security"] = new JsonArray(),
            },
        };
    }

    private static JsonObject Text(string description, string example) => new()
    {
        ["description"] = description,
        ["content"] = Content("text/plain", new() { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = example }),
    };

    private static JsonObject Content(string type, JsonObject content) => new() { [type] = content };
}
