using System.Globalization;
using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace KvAspire.Gateway.Docs;

/// <summary>Errors in the OpenAPI document: for each operation and status the codes that it may answer, from the catalogue.</summary>
internal static class ErrorAnswers
{
    private const string Json = "application/json", Problem = "application/problem+json";

    /// <summary>The schemas of both forms of an error.</summary>
    public static void AddSchemasTo(JsonObject schemas)
    {
        var (code, traceId, errors) = ("Stable: clients branch on it.", "The W3C trace id of the request.", "What is wrong with each field.");
        schemas["Error"] = Object("An error in the envelope.", ["status", "code", "message", "trace_id"], new()
        {
            ["status"] = new JsonObject { ["const"] = "error" },
            ["code"] = Text(code),
            ["message"] = Text("A sentence for people."),
            ["trace_id"] = Text(traceId, "^[0-9a-f]{32}$"),
            ["errors"] = FieldErrors(errors),
        });
        schemas["Problem"] = Object("The same error as problem details (RFC 9457).", ["type", "title", "status", "detail", "code", "trace_id"], new()
        {
            ["type"] = Text("`urn:kvaspire:error:` and the code."),
            ["title"] = Text("The status in words."),
            ["status"] = new JsonObject { ["type"] = "integer", ["description"] = "The status." },
            ["detail"] = Text("A sentence for people."),
            ["code"] = Text(code),
            ["trace_id"] = Text(traceId, "^[0-9a-f]{32}$"),
            ["errors"] = FieldErrors(errors),
        });
    }

    /// <summary>An example of each error, by its code.</summary>
    public static JsonObject Examples()
    {
        var examples = new JsonObject();
        foreach (var error in ErrorCatalogue.All)
        {
            examples[error.Code] = new JsonObject
            {
                ["summary"] = error.Message,
                ["value"] = new JsonObject
                {
                    ["status"] = "error",
                    ["code"] = error.Code,
                    ["message"] = error.Message,
                    ["trace_id"] = "0af7651916cd43dd8448eb211c80319c",
                },
            };
        }

        return examples;
    }

    /// <summary>The answers that have one code only, by that code: those that operations refer to.</summary>
    public static JsonObject ReferredToBy(JsonObject paths)
    {
        var (answers, text) = (new JsonObject(), paths.ToJsonString());
        foreach (var error in ErrorCatalogue.All.Where(error => text.Contains($"#/components/responses/{error.Code}\"", StringComparison.Ordinal)))
            answers[error.Code] = Answer(error.Status, [error], withBody: true);
        return answers;
    }

    /// <summary>Adds the errors of an operation to its answers.</summary>
    public static void AddTo(JsonObject responses, IEnumerable<ApiError> errors, bool withBodies)
    {
        foreach (var ofStatus in errors.GroupBy(error => error.Status).OrderBy(group => group.Key))
        {
            var status = ofStatus.Key.ToString(CultureInfo.InvariantCulture);
            ApiError[] listed = [.. ofStatus];
            if (responses[status]?["content"]?[Json]?["schema"] is { } other)
                responses[status]!["content"]![Json]!["schema"] = new JsonObject { ["anyOf"] = new JsonArray(other.DeepClone(), Schema(listed)) };
            else if (withBodies && listed is [var only])
                responses[status] = new JsonObject { ["$ref"] = $"#/components/responses/{only.Code}" };
            else
                responses[status] = Answer(ofStatus.Key, listed, withBodies);
        }
    }

    private static JsonObject Answer(int status, ApiError[] errors, bool withBody)
    {
        var answer = new JsonObject { ["description"] = $"{ReasonPhrases.GetReasonPhrase(status)}: {string.Join(", ", errors.Select(error => $"`{error.Code}`"))}." };
        if (HeadersOf(status) is { Count: > 0 } headers)
            answer["headers"] = headers;
        if (!withBody)
            return answer;

        var examples = new JsonObject();
        foreach (var error in errors)
            examples[error.Code] = new JsonObject { ["$ref"] = $"#/components/examples/{error.Code}" };
        answer["content"] = new JsonObject
        {
            [Json] = new JsonObject { ["schema"] = Schema(errors), ["examples"] = examples },
            [Problem] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } },
        };
        return answer;
    }

    private static JsonObject HeadersOf(int status)
    {
        var headers = new JsonObject();
        string[] names = status switch
        {
            401 or 403 => ["WWW-Authenticate"],
            429 => ["RateLimit", "RateLimit-Policy", "Retry-After"],
            503 => ["Retry-After"],
            _ => [],
        };
        foreach (var name in names)
            headers[name] = new JsonObject { ["$ref"] = $"#/components/headers/{name}" };
        return headers;
    }

    private static JsonObject Schema(ApiError[] errors) => new()
    {
        ["allOf"] = new JsonArray(
            new JsonObject { ["$ref"] = "#/components/schemas/Error" },
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

    private static JsonObject FieldErrors(string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
    };
}
