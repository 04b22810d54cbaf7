using System.Globalization;
using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace KvAspire.OpenApi;

/// <summary>Fills an operation of the document from the endpoint's <see cref="OperationDescription"/>.</summary>
internal sealed class DescribedOperations : IOpenApiOperationTransformer
{
    /// <summary>The extension that tells the gateway's merge which errors an operation has.</summary>
    public const string Errors = "x-errors";

    private static readonly ApiError[] OfJsonBodies =
        [ErrorCatalogue.InvalidRequest, ErrorCatalogue.PayloadTooLarge, ErrorCatalogue.UnsupportedMediaType];

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var description = context.Description.ActionDescriptor.EndpointMetadata.OfType<OperationDescription>().Last();
        var method = context.Description.HttpMethod!;
        var isHead = HttpMethods.IsHead(method);

        // 1. The names. Each method of an endpoint is an operation.
        var methods = context.Description.ActionDescriptor.EndpointMetadata.OfType<HttpMethodMetadata>().Last().HttpMethods;
        operation.OperationId = methods[0] == method ? description.Id : $"{description.Id}{method[0]}{method[1..].ToLowerInvariant()}";
        operation.Summary = isHead ? $"{description.Summary}: headers only" : description.Summary;
        operation.Description = description.Text;

        // 2. The request.
        operation.Parameters = [.. description.Parameters.Select(Parameter)];
        if (description.Body is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [body.ContentType] = new()
                    {
                        Schema = await SchemaAsync(body.Type, context, cancellationToken),
                        Example = JsonNode.Parse(body.Example),
                    },
                },
            };
        }

        // 3. The responses.
        foreach (var answer in description.Answers)
            Answer(operation, answer, isHead, context.Document!);

        // 4. The service's errors. The gateway adds its own.
        var errors = description.Errors.Concat(description.Body?.ContentType switch
        {
            null => [],
            BodyDescription.Json => OfJsonBodies,
            _ => [ErrorCatalogue.UnsupportedMediaType],
        });
        operation.Extensions = new Dictionary<string, IOpenApiExtension>
        {
            [Errors] = new JsonNodeExtension(new JsonArray([.. errors.Distinct().Select(error => JsonValue.Create(error.Code))])),
        };
    }

    // The schema exists already: from the handler's signature, or from the type that the description names.
    private static void Answer(OpenApiOperation operation, AnswerDescription answer, bool isHead, OpenApiDocument document)
    {
        operation.Responses ??= [];
        var status = answer.Status.ToString(CultureInfo.InvariantCulture);
        var schema = operation.Responses.TryGetValue(status, out var known) ? known.Content?.Values.FirstOrDefault()?.Schema : null;
        operation.Responses[status] = new OpenApiResponse
        {
            Description = answer.Text,
            Headers = answer.Headers.ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(name, document)),
            Content = isHead || schema is null ? null : Body(answer, schema),
        };
    }

    private static Dictionary<string, OpenApiMediaType> Body(AnswerDescription answer, IOpenApiSchema schema) => new()
    {
        [answer.ContentType] = new()
        {
            Schema = schema,
            Example = answer.Example is null ? null
                : answer.ContentType.Contains("json", StringComparison.Ordinal) ? JsonNode.Parse(answer.Example)
                : JsonValue.Create(answer.Example),
        },
    };

    private static OpenApiParameter Parameter(ParameterDescription parameter)
    {
        var isNumber = parameter.Type is "integer";
        var isRequired = parameter.Required || parameter.In is "path";
        var example = parameter.Example is null ? null : JsonNode.Parse(parameter.Example);
        return new()
        {
            Name = parameter.Name,
            In = Enum.Parse<ParameterLocation>(parameter.In, ignoreCase: true),
            // Documentation pages send examples as values, so optional parameters have theirs in the text.
            Description = isRequired || example is null ? parameter.Text : $"{parameter.Text} For example `{example}`.",
            Required = isRequired,
            Example = isRequired ? example : null,
            Schema = new OpenApiSchema
            {
                Type = Enum.Parse<JsonSchemaType>(parameter.Type, ignoreCase: true),
                Format = parameter.Format,
                Enum = parameter.Values is null ? null : [.. parameter.Values.Select(value => JsonValue.Create(value))],
                Default = parameter.Default is null ? null : JsonNode.Parse(parameter.Default),
                Minimum = isNumber ? parameter.Min?.ToString(CultureInfo.InvariantCulture) : null,
                Maximum = isNumber ? parameter.Max?.ToString(CultureInfo.InvariantCulture) : null,
                MinLength = isNumber ? null : parameter.Min,
                MaxLength = isNumber ? null : parameter.Max,
            },
        };
    }

    // This system's types become components, referenced by name.
    private static async Task<IOpenApiSchema> SchemaAsync(Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, parameterDescription: null, cancellationToken);
        if (!WireSchemas.IsOurs(type))
            return schema;

        var name = WireSchemas.NameOf(type);
        context.Document!.AddComponent(name, schema);
        return new OpenApiSchemaReference(name, context.Document);
    }
}
