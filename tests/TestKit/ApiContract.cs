using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace KvAspire.TestKit;

/// <summary>
/// The OpenAPI document that is checked in, as a judge of requests and answers: what is not described there, or is described
/// in another way, is wrong.
/// </summary>
public sealed class ApiContract
{
    private static readonly Uri Id = new("https://kvaspire.test/api");

    // A schema notes in those that it refers to what it found there, and they have no lock of their own.
    private static readonly Lock Building = new();

    private readonly JsonObject document;
    private readonly ConcurrentDictionary<(string Path, string Method, string Status), JsonSchema?> schemas = [];

    /// <summary>Reads a document.</summary>
    public ApiContract(string json)
    {
        document = JsonNode.Parse(json)!.AsObject();
        var components = (JsonObject)AsDefinitions(document["components"]!["schemas"]!)!;
        SchemaRegistry.Global.Register(Id, Build(new JsonObject { ["$id"] = Id.ToString(), ["$defs"] = components }));
    }

    /// <summary>The document of this repository.</summary>
    public static ApiContract CheckedIn { get; } = new(File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "openapi", "v1.json")));

    /// <summary>What of an answer is not as the document says; null where all is.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request, as it was sent, without the query.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="body">Its body; null for one that is not looked at.</param>
    public string? Objection(string method, string path, int status, string? contentType, string? body)
    {
        if (path.StartsWith("/internal/", StringComparison.Ordinal))
            return null; // what services tell each other
        if (Find(path) is not { } template)
            return status is 404 or 400 ? null : $"no path of the document is like {path}";
        if (document["paths"]![template]![method.ToLowerInvariant()] is not JsonObject operation)
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

        // What is wrong is asked for only where something is.
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

    // The most literal template that fits; a key takes all the rest.
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

    // A schema by itself, with its references into the components.
    private static JsonNode? AsDefinitions(JsonNode schema) => JsonNode.Parse(schema.ToJsonString()
        .Replace("\"#/components/schemas/", $"\"{Id}#/$defs/", StringComparison.Ordinal));

    /// <summary>The folder of this repository.</summary>
    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "KvAspire.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");

        return folder;
    }
}
