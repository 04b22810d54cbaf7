using System.Text.Json.Nodes;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Docs;

/// <summary>The gateway's own operations in the OpenAPI document.</summary>
internal static class GatewayOperations
{
    public static void AddTo(JsonObject paths)
    {
        paths["/health"] = Probe(
            "readHealth", "Whether the gateway is ready", "For load balancers. Answers 503 also while the gateway drains.");
        paths["/alive"] = Probe(
            "readAlive", "Whether the gateway runs", "For process supervisors. Checks only the process itself.");
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

    private static JsonObject Probe(string id, string summary, string text) => Get(id, summary, text, new()
    {
        ["200"] = Text("Yes.", "Healthy"),
        ["503"] = Text("No.", "Unhealthy"),
    });

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
