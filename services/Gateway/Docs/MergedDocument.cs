using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// Merges the services' OpenAPI parts with the gateway's operations, errors and security. Each operation must have a route,
/// and each route an operation.
/// </summary>
internal sealed class MergedDocument(IReadOnlyList<PublicRoute> routes)
{
    private const string Extension = "x-errors";

    private readonly JsonObject paths = [];
    private readonly JsonObject schemas = [];
    private readonly HashSet<(PublicRoute Route, string Method)> reached = [];

    /// <exception cref="InvalidOperationException">The parts do not fit the routes.</exception>
    public JsonObject Merge(params IEnumerable<JsonObject> parts)
    {
        foreach (var part in parts)
            Add(part);

        var forgotten = routes.SelectMany(route => route.Methods.Select(method => (route, method)))
            .Where(pair => pair.method is not "HEAD" && !pair.route.Path.Contains("{**rest}", StringComparison.Ordinal) && !reached.Contains(pair))
            .Select(pair => $"{pair.method} {pair.route.Path}").ToList();
        if (forgotten.Count > 0)
            throw new InvalidOperationException($"No service describes {string.Join(", ", forgotten)}.");

        GatewayOperations.AddTo(paths);
        ErrorResponses.AddSchemasTo(schemas);
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
                ["responses"] = ErrorResponses.ReferencedBy(paths),
                ["examples"] = ErrorResponses.Examples(),
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
        var route = routes.FirstOrDefault(route => route.Methods.Contains(verb) && Reaches(route.Path, path))
            ?? throw new InvalidOperationException($"No route reaches {verb} {path}.");
        reached.Add((route, verb));

        var codes = operation[Extension]!.AsArray().Select(code => code!.GetValue<string>()).ToHashSet();
        operation.Remove(Extension);
        operation["tags"] = new JsonArray(route.Tag);
        operation["security"] = DocumentFrame.Security(route);
        var (responses, errors) = (operation["responses"]!.AsObject(),
            ErrorCatalogue.All.Where(error => codes.Contains(error.Code) || IsOfGateway(error, route.Policy)));
        if (route.HasOAuthErrors)
            ErrorResponses.AddOAuthTo(responses, errors);
        else
            ErrorResponses.AddTo(responses, errors, withBodies: verb is not "HEAD");
        if (paths[path] is not JsonObject methods)
            paths[path] = methods = [];
        methods[method] = operation;
    }

    // The gateway itself may answer these on any route.
    private static bool IsOfGateway(ApiError error, string policy) => error.Code switch
    {
        "INVALID_TOKEN" or "INSUFFICIENT_SCOPE" or "PASSWORD_CHANGE_REQUIRED" => policy is not PublicRoute.Anonymous,
        "INVALID_REQUEST" or "NOT_FOUND" or "METHOD_NOT_ALLOWED" or "REQUEST_TIMEOUT" or "PAYLOAD_TOO_LARGE" or "RATE_LIMITED"
            or "HEADERS_TOO_LARGE" or "INTERNAL_SERVER_ERROR" or "BAD_GATEWAY" or "UNAVAILABLE" or "GATEWAY_TIMEOUT" => true,
        _ => false,
    };

    private static bool Reaches(string route, string path)
    {
        var pattern = Regex.Replace(Regex.Escape(route), @"/\\\{\\\*\\\*[a-z]+}|\\\{[a-z]+}", hole => hole.Value.StartsWith('/') ? "(/.*)?" : "[^/]+");
        return Regex.IsMatch(path, $"^{pattern}$", RegexOptions.CultureInvariant);
    }

    // ASP.NET Core describes a nullable reference to a schema as oneOf null and the schema. The document leaves null out.
    private static JsonNode WithoutNull(JsonNode node)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } choice when choice["oneOf"] is JsonArray { Count: 2 } either && either[0]!["type"]?.ToString() is "null":
                return either[1]!.DeepClone();
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : WithoutNull(member.Value))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : WithoutNull(item))]);
            default:
                return node.DeepClone();
        }
    }

    private static JsonObject Sorted(JsonObject members) => new(members.OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
}
