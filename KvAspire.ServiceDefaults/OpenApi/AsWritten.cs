using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KvAspire.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KvAspire.ServiceDefaults.OpenApi;

/// <summary>A member of a request that may be null, which then means something else than its absence.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MayBeNullAttribute : Attribute;

/// <summary>
/// Schemas of what is really read and written: numbers are numbers, and what is null is left out, but where a member says
/// that it is always there.
/// </summary>
internal sealed class AsWritten : IOpenApiSchemaTransformer
{
    /// <summary>Whether a type is one that we describe, and neither a list nor one of the runtime's.</summary>
    public static bool IsOurs(Type type) => type.Namespace?.StartsWith("KvAspire", StringComparison.Ordinal) is true && !type.IsArray;

    /// <summary>
    /// The name that such a type has among the components. Some are called <c>Described…</c> since the service has a type of
    /// the name already, with which it reads or writes.
    /// </summary>
    public static string NameOf(Type type) => !type.IsGenericType ? type.Name.Replace("Described", "", StringComparison.Ordinal)
        : $"{type.Name.Split('`')[0].Replace("SuccessEnvelope", "SuccessOf", StringComparison.Ordinal)}{NameOf(type.GetGenericArguments()[0])}";

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // ASP.NET Core's defaults would also read numbers from texts; our handlers do not.
        if (schema.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
            (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);

        if (context.JsonTypeInfo.Kind is JsonTypeInfoKind.Object && schema.Properties is not null)
            Members(schema, context.JsonTypeInfo);
        return Task.CompletedTask;
    }

    private static void Members(OpenApiSchema schema, JsonTypeInfo info)
    {
        schema.Required = new HashSet<string>();
        foreach (var property in info.Properties)
        {
            if (!schema.Properties!.TryGetValue(property.Name, out var member))
                continue;

            var isAlwaysThere = property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
                is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
            if (isAlwaysThere || !property.IsGetNullable)
                schema.Required.Add(property.Name);
            if (!isAlwaysThere && property.AttributeProvider?.IsDefined(typeof(MayBeNullAttribute), inherit: false) is not true)
                schema.Properties[property.Name] = WithoutNull(member);
        }

        if (info.Type.IsGenericType && info.Type.GetGenericTypeDefinition() == typeof(SuccessEnvelope<>))
            Envelope(schema, info.Type.GetGenericArguments()[0]);
    }

    private static void Envelope(OpenApiSchema schema, Type data)
    {
        if (schema.Properties!["status"] is OpenApiSchema status)
            status.Const = "success";
        if (data == typeof(object))
            schema.Properties.Remove("data");
        else
            schema.Required!.Add("data");
    }

    private static IOpenApiSchema WithoutNull(IOpenApiSchema member)
    {
        if (member is OpenApiSchema { Type: { } type } schema)
            schema.Type = type & ~JsonSchemaType.Null;
        if (member.OneOf is [var one, var other])
            return one.Type is JsonSchemaType.Null ? other : other.Type is JsonSchemaType.Null ? one : member;
        return member;
    }
}
