using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KvAspire.ServiceDefaults.Errors;
using Yarp.ReverseProxy.Configuration;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// The one OpenAPI document of the API: the services' parts, with what the gateway adds to them. Each operation of a service
/// must be one that a route reaches, and each route must reach one.
/// </summary>
internal sealed class MergedDocument(IReadOnlyList<RouteConfig> routes)
{
    private const string Extension = "x-errors";

    private readonly JsonObject paths = [];
    private readonly JsonObject schemas = [];
    private readonly HashSet<(RouteConfig Route, string Method)> reached = [];

    /// <summary>Merges the parts.</summary>
    /// <exception cref="InvalidOperationException">They do not fit the routes.</exception>
    public JsonObject Merge(params IEnumerable<JsonObject> parts)
    {
        foreach (var part in parts)
            Add(part);

        var forgotten = routes.SelectMany(route => route.Match.Methods!.Select(method => (route, method)))
            .Where(pair => pair.method is not "HEAD" && !pair.route.Match.Path!.Contains("{**rest}", StringComparison.Ordinal) && !reached.Contains(pair))
            .Select(pair => $"{pair.method} {pair.route.Match.Path}").ToList();
        if (forgotten.Count > 0)
            throw new InvalidOperationException($"No service describes {string.Join(", ", forgotten)}.");

        GatewayOperations.AddTo(paths);
        ErrorAnswers.AddSchemasTo(schemas);
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = DocumentFrame.Info(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The gateway that serves this document." }),
            ["tags"] = DocumentFrame.Tags(),
            ["paths"] = Sorted(paths),
            ["components"] = new JsonObject
            {
                ["schemas"] = Sorted(schemas),
                ["responses"] = ErrorAnswers.ReferredToBy(paths),
                ["examples"] = ErrorAnswers.Examples(),
                ["headers"] = DocumentFrame.Headers(),
                ["securitySchemes"] = DocumentFrame.SecuritySchemes(),
            },
        };
    }

    private void Add(JsonObject part)
    {
        foreach (var (name, schema) in part["components"]?["schemas"]?.AsObject() ?? [])
        {
            if (schemas[name] is { } known && !JsonNode.DeepEquals(known, WithoutNull(schema!)))
                throw new InvalidOperationException($"The services do not agree on the schema {name}.");
            schemas[name] = WithoutNull(schema!);
        }

        foreach (var (path, item) in part["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
                Add(path, method, operation!.DeepClone().AsObject());
        }
    }

    private void Add(string path, string method, JsonObject operation)
    {
        var verb = method.ToUpperInvariant();
        var route = routes.FirstOrDefault(route => route.Match.Methods!.Contains(verb) && Reaches(route.Match.Path!, path))
            ?? throw new InvalidOperationException($"No route reaches {verb} {path}.");
        reached.Add((route, verb));

        var codes = operation[Extension]!.AsArray().Select(code => code!.GetValue<string>()).ToHashSet();
        operation.Remove(Extension);
        operation["security"] = DocumentFrame.Security(path, route.AuthorizationPolicy!);
        ErrorAnswers.AddTo(
            operation["responses"]!.AsObject(),
            ErrorCatalogue.All.Where(error => codes.Contains(error.Code) || IsTheGateways(error, route.AuthorizationPolicy!)),
            withBodies: verb is not "HEAD");
        if (paths[path] is not JsonObject methods)
            paths[path] = methods = [];
        methods[method] = operation;
    }

    // What the gateway answers itself, whatever is behind it.
    private static bool IsTheGateways(ApiError error, string policy) => error.Code switch
    {
        "INVALID_TOKEN" or "INSUFFICIENT_SCOPE" => policy is not "anonymous",
        "INVALID_REQUEST" or "NOT_FOUND" or "METHOD_NOT_ALLOWED" or "REQUEST_TIMEOUT" or "PAYLOAD_TOO_LARGE" or "RATE_LIMITED" or "HEADERS_TOO_LARGE"
            or "INTERNAL_SERVER_ERROR" or "BAD_GATEWAY" or "UNAVAILABLE" or "GATEWAY_TIMEOUT" => true,
        _ => false,
    };

    private static bool Reaches(string route, string path)
    {
        var pattern = Regex.Replace(Regex.Escape(route), @"/\\\{\\\*\\\*[a-z]+}|\\\{[a-z]+}", hole => hole.Value.StartsWith('/') ? "(/.*)?" : "[^/]+");
        return Regex.IsMatch(path, $"^{pattern}$", RegexOptions.CultureInvariant);
    }

    // Where a member that refers to another schema may be null in C#, ASP.NET Core says "null, or that". We leave null out.
    private static JsonNode WithoutNull(JsonNode node)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } choice when choice["oneOf"] is JsonArray { Count: 2 } either && either[0]!["type"] is JsonValue first && first.ToString() is "null":
                return either[1]!.DeepClone();
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : WithoutNull(member.Value))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : WithoutNull(item))]);
            default:
                return node.DeepClone();
        }
    }

    private static JsonObject Sorted(JsonObject members)
    {
        var sorted = new JsonObject();
        foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
            sorted[name] = value!.DeepClone();
        return sorted;
    }
}
