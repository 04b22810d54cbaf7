using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KvAspire.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KvAspire.OpenApi;

/// <summary>A member of a request for which null is allowed and differs from absence.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MayBeNullAttribute : Attribute;

/// <summary>A member that is a UUID in text (RFC 9562).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UuidAttribute : Attribute;

/// <summary>A member that is an integer of any size, for which .NET has no type that JSON knows.</summary>
/// <param name="text">The description of the member.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WholeNumberAttribute(string text) : Attribute
{
    /// <summary>The description of the member.</summary>
    public string Text => text;
}

/// <summary>
/// Makes schemas describe the JSON that is really read and written: numbers are never strings, and members that are null are
/// absent unless they are marked as always present.
/// </summary>
internal sealed class WireSchemas : IOpenApiSchemaTransformer
{
    /// <summary>Whether a type is one of this system's, and no array.</summary>
    public static bool IsOurs(Type type) => type.Namespace?.StartsWith("KvAspire", StringComparison.Ordinal) is true && !type.IsArray;

    /// <summary>
    /// The type's name in the components. A type <c>DescribedX</c> is named <c>X</c>: it describes an X that the service reads or
    /// writes with another type.
    /// </summary>
    public static string NameOf(Type type) => !type.IsGenericType ? type.Name.Replace("Described", "", StringComparison.Ordinal)
        : $"{type.Name.Split('`')[0].Replace("SuccessEnvelope", "SuccessOf", StringComparison.Ordinal)}{NameOf(type.GetGenericArguments()[0])}";

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // ASP.NET Core's defaults also allow strings for numbers; our handlers do not.
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

            var isAlwaysPresent = property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
                is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
            if (isAlwaysPresent || !property.IsGetNullable)
                schema.Required.Add(property.Name);
            if (!isAlwaysPresent && property.AttributeProvider?.IsDefined(typeof(MayBeNullAttribute), inherit: false) is not true)
                schema.Properties[property.Name] = WithoutNull(member);
            if (property.AttributeProvider?.IsDefined(typeof(UuidAttribute), inherit: false) is true && member is OpenApiSchema id)
                id.Format = "uuid";
            if (property.AttributeProvider?.GetCustomAttributes(typeof(WholeNumberAttribute), inherit: false) is [WholeNumberAttribute number])
                schema.Properties[property.Name] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = number.Text };
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
