using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace KvAspire.TestKit;

/// <summary>
/// Compares requests and responses with an OpenAPI document: an operation, a status, a code or a
/// member's type that the document does not describe is wrong. Members that it does not name are allowed.
/// </summary>
public sealed class ApiContract
{
    private static readonly Uri Id = new("https://kvaspire.test/api");

    // Building a schema changes the schemas that it refers to, and these are not thread-safe.
    private static readonly Lock Building = new();

    private readonly JsonObject document;
    private readonly ConcurrentDictionary<(string Path, string Method, string Status), JsonSchema?> schemas = [];

    public ApiContract(string json)
    {
        document = JsonNode.Parse(json)!.AsObject();
        var components = (JsonObject)AsDefinitions(document["components"]!["schemas"]!)!;
        SchemaRegistry.Global.Register(Id, Build(new JsonObject { ["$id"] = Id.ToString(), ["$defs"] = components }));
    }

    /// <summary>The document in this repository.</summary>
    public static ApiContract CheckedIn { get; } = new(File.ReadAllText(Path.Combine(Repository.Root, "docs", "openapi", "v1.json")));

    /// <summary>The contradiction between a response and the document; null where there is none.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">The request's path as it was sent, without the query.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="contentType">The response's media type.</param>
    /// <param name="body">The response's body; null to skip it.</param>
    public string? Objection(string method, string path, int status, string? contentType, string? body)
    {
        if (path.StartsWith("/internal/", StringComparison.Ordinal))
            return null; // between services
        if (Find(path) is not { } template)
            return status is 404 or 400 ? null : $"no path of the document is like {path}";
        var methods = document["paths"]![template]!;
        if ((methods[method.ToLowerInvariant()] ?? (method is "HEAD" ? methods["get"] : null)) is not JsonObject operation) // RFC 9110, section 9.3.2
            return status is 405 or 404 or 400 or 401 ? null : $"{template} has no {method}";

        var response = Resolve(operation["responses"]![$"{status}"]);
        if (response is null)
            return $"{method} {template} does not answer {status}: {body}";
        if (string.IsNullOrEmpty(body))
            return null;
        if (response["content"]?[contentType ?? ""] is not JsonObject content)
            return $"{method} {template} does not answer {status} as {contentType}: {body}";

        var schema = schemas.GetOrAdd((template, method, $"{status} {contentType}"), _ => content["schema"] is { } described && contentType!.Contains("json", StringComparison.Ordinal)
            ? Build(AsDefinitions(described)!)
            : null);
        if (schema is null)
            return null;

        // The slow evaluation with details, for the message.
        using var instance = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1024 });
        if (schema.Evaluate(instance.RootElement).IsValid)
            return null;

        var verdict = schema.Evaluate(instance.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return $"{method} {template} answers {status} otherwise than described: {Complaints(verdict)}: {body}";
    }

    private static JsonSchema Build(JsonNode schema)
    {
        lock (Building)
            return JsonSchema.FromText(schema.ToJsonString());
    }

    private static string Complaints(EvaluationResults verdict) => string.Join("; ", (verdict.Details ?? [])
        .Where(detail => detail.Errors is { Count: > 0 })
        .Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}"));

    // The most literal template that matches; {key} matches the rest of the path.
    private string? Find(string path)
    {
        var segments = path.TrimEnd('/').Split('/');
        return document["paths"]!.AsObject().Select(item => item.Key)
            .Where(template => Fits(template.Split('/'), segments))
            .OrderBy(template => template.Count(c => c is '{')).FirstOrDefault();
    }

    private static bool Fits(string[] template, string[] path)
    {
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] is "{key}" && path.Length > i)
                return true;
            if (i >= path.Length || (template[i] is not ['{', ..] && !template[i].Equals(path[i], StringComparison.OrdinalIgnoreCase)))
                return false;
        }

        return template.Length == path.Length;
    }

    private JsonNode? Resolve(JsonNode? node) => node?["$ref"]?.GetValue<string>() is { } reference
        ? reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)document, (at, name) => at?[name])
        : node;

    // A schema of its own, with references into the registered components.
    private static JsonNode? AsDefinitions(JsonNode schema) => JsonNode.Parse(schema.ToJsonString()
        .Replace("\"#/components/schemas/", $"\"{Id}#/$defs/", StringComparison.Ordinal));
}
