using System.Globalization;
using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace KvAspire.Gateway.Docs;

/// <summary>Error responses in the OpenAPI document: the codes of the catalogue, for each operation and status.</summary>
internal static class ErrorResponses
{
    private const string Json = "application/json", Problem = "application/problem+json";

    public static void AddSchemasTo(JsonObject schemas)
    {
        var (code, traceId, errors) = ("Stable: clients branch on it.", "The W3C trace id of the request.", "The errors of each field.");
        schemas["Error"] = Object("An error in the envelope.", ["status", "code", "message", "trace_id"], new()
        {
            ["status"] = new JsonObject { ["const"] = "error" },
            ["code"] = Text(code),
            ["message"] = Text("A sentence for people."),
            ["trace_id"] = Text(traceId, "^[0-9a-f]{32}$"),
            ["trace_recorded"] = NotRecorded(),
            ["errors"] = FieldErrors(errors),
        });
        schemas["Problem"] = Object("The same error as problem details (RFC 9457).", ["type", "title", "status", "detail", "code", "trace_id"], new()
        {
            ["type"] = Text("`urn:kvaspire:error:` and the code."),
            ["title"] = Text("The status code's reason phrase."),
            ["status"] = new JsonObject { ["type"] = "integer", ["description"] = "The status." },
            ["detail"] = Text("A sentence for people."),
            ["code"] = Text(code),
            ["trace_id"] = Text(traceId, "^[0-9a-f]{32}$"),
            ["trace_recorded"] = NotRecorded(),
            ["errors"] = FieldErrors(errors),
        });
    }

    public static JsonObject Examples() => By(ErrorCatalogue.All, error => error.Code, error => new JsonObject
    {
        ["summary"] = error.Message,
        ["value"] = new JsonObject
        {
            ["status"] = "error",
            ["code"] = error.Code,
            ["message"] = error.Message,
            ["trace_id"] = "0af7651916cd43dd8448eb211c80319c",
        },
    });

    /// <summary>The responses that have only one code and that an operation references, by code.</summary>
    public static JsonObject ReferencedBy(JsonObject paths)
    {
        var text = paths.ToJsonString();
        return By(
            ErrorCatalogue.All.Where(error => text.Contains($"#/components/responses/{error.Code}\"", StringComparison.Ordinal)),
            error => error.Code,
            error => Response(error.Status, [error], withBody: true));
    }

    /// <summary>Adds errors to the responses of an operation.</summary>
    public static void AddTo(JsonObject responses, IEnumerable<ApiError> errors, bool withBodies)
    {
        foreach (var group in errors.GroupBy(error => error.Status).OrderBy(group => group.Key))
        {
            var status = group.Key.ToString(CultureInfo.InvariantCulture);
            ApiError[] listed = [.. group];
            if (responses[status]?["content"]?[Json] is JsonObject content && content["schema"] is { } other)
                content["schema"] = new JsonObject { ["anyOf"] = new JsonArray(other.DeepClone(), Schema(listed)) };
            else if (withBodies && listed is [var only])
                responses[status] = Reference($"responses/{only.Code}");
            else
                responses[status] = Response(group.Key, listed, withBodies);
        }
    }

    /// <summary>Adds OAuth errors of the same statuses to the responses of an operation that has them.</summary>
    public static void AddOAuthTo(JsonObject responses, IEnumerable<ApiError> errors)
    {
        foreach (var status in errors.Select(error => error.Status).Distinct().Order())
        {
            if (responses.ContainsKey(status.ToString(CultureInfo.InvariantCulture)))
                continue;

            var response = Response(status, OAuthErrors.CodeOf(status));
            response["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = Reference("schemas/OAuthError") } };
            responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }
    }

    private static JsonObject Response(int status, params IEnumerable<string> codes)
    {
        var listed = string.Join(", ", codes.Select(code => $"`{code}`"));
        var response = new JsonObject { ["description"] = $"{ReasonPhrases.GetReasonPhrase(status)}: {listed}." };
        if (HeadersOf(status) is { Length: > 0 } names)
            response["headers"] = By(names, name => name, name => Reference($"headers/{name}"));
        return response;
    }

    private static JsonObject Response(int status, ApiError[] errors, bool withBody)
    {
        var response = Response(status, errors.Select(error => error.Code));
        if (!withBody)
            return response;

        var examples = By(errors, error => error.Code, error => Reference($"examples/{error.Code}"));
        response["content"] = new JsonObject
        {
            [Json] = new JsonObject { ["schema"] = Schema(errors), ["examples"] = examples },
            [Problem] = new JsonObject { ["schema"] = Reference("schemas/Problem") },
        };
        return response;
    }

    private static string[] HeadersOf(int status) => status switch
    {
        401 or 403 => ["WWW-Authenticate"],
        415 => ["Accept-Encoding"],
        429 => ["RateLimit", "RateLimit-Policy", "Retry-After"],
        503 => ["Retry-After"],
        _ => [],
    };

    private static JsonObject By<T>(IEnumerable<T> items, Func<T, string> name, Func<T, JsonNode?> value) =>
        new(items.Select(item => KeyValuePair.Create(name(item), value(item))));

    public static JsonObject Reference(string component) => new() { ["$ref"] = $"#/components/{component}" };

    private static JsonObject Schema(ApiError[] errors) => new()
    {
        ["allOf"] = new JsonArray(
            Reference("schemas/Error"),
            new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["code"] = new JsonObject { ["enum"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error.Code))]) },
                },
            }),
    };

    private static JsonObject Object(string description, string[] required, JsonObject properties) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]),
        ["properties"] = properties,
    };

    private static JsonObject Text(string description, string? pattern = null)
    {
        var text = new JsonObject { ["type"] = "string", ["description"] = description };
        if (pattern is not null)
            text["pattern"] = pattern;
        return text;
    }

    private static JsonObject NotRecorded() => new()
    {
        ["const"] = false,
        ["description"] = "Present if the trace is not recorded, because of too many errors at once.",
    };

    private static JsonObject FieldErrors(string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
    };
}
