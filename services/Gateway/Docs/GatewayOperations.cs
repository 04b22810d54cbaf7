using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Docs;

/// <summary>The gateway's own operations in the OpenAPI document.</summary>
internal static class GatewayOperations
{
    public static void AddTo(JsonObject paths)
    {
        paths["/health"] = Probe("readHealth", "Whether the gateway can do its work", "For whoever balances: 503 also while it stops.");
        paths["/alive"] = Probe("readAlive", "Whether the gateway runs", "For whoever restarts it: it looks at nothing but the process itself.");
        paths[ApiDocument.Path] = Get("readDocument", "This document", "It changes with a release only: keep it, and ask again with `If-None-Match`.", new JsonObject
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

    private static JsonObject Probe(string id, string summary, string text) => Get(id, summary, text, new JsonObject
    {
        ["200"] = Text("Yes.", "Healthy"),
        ["503"] = Text("No.", "Unhealthy"),
    });

    private static JsonObject Get(string id, string summary, string text, JsonObject responses)
    {
        ErrorAnswers.AddTo(responses, [ErrorCatalogue.InvalidRequest, ErrorCatalogue.MethodNotAllowed, ErrorCatalogue.HeadersTooLarge], withBodies: true);
        return new()
        {
            ["get"] = new JsonObject
            {
                ["tags"] = new JsonArray("System"),
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
        ["content"] = new JsonObject { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = example } },
    };

    private static JsonObject Header(string name) => new() { ["$ref"] = $"#/components/headers/{name}" };
}
