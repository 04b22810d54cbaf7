using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Docs;

/// <summary>The gateway's own operations in the OpenAPI document.</summary>
internal static class GatewayOperations
{
    public static void AddTo(JsonObject paths)
    {
        paths["/health"] = Probe("readHealth", "Whether the gateway can do its work");
        paths["/alive"] = Probe("readAlive", "Whether the gateway runs");
        paths[ApiDocument.Path] = Get("readDocument", "This document", new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "The document.",
                ["headers"] = new JsonObject { ["ETag"] = Header("ETag"), ["Cache-Control"] = Header("Cache-Control") },
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } } },
            },
            ["304"] = new JsonObject { ["description"] = "The document is as `If-None-Match` says." },
        });
    }

    private static JsonObject Probe(string id, string summary) => Get(id, summary, new JsonObject
    {
        ["200"] = Text("Yes.", "Healthy"),
        ["503"] = Text("No.", "Unhealthy"),
    });

    private static JsonObject Get(string id, string summary, JsonObject responses)
    {
        ErrorAnswers.AddTo(responses, [ErrorCatalogue.InvalidRequest, ErrorCatalogue.MethodNotAllowed, ErrorCatalogue.HeadersTooLarge], withBodies: true);
        return new()
        {
            ["get"] = new JsonObject
            {
                ["tags"] = new JsonArray("System"),
                ["summary"] = summary,
                ["operationId"] = id,
                ["responses"] = responses,
                ["security"] = new JsonArray(),
            },
        };
    }

    private static JsonObject Text(string description, string example) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = example } },
    };

    private static JsonObject Header(string name) => new() { ["$ref"] = $"#/components/headers/{name}" };
}
