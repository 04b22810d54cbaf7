using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

/// <summary>
/// The rules for values, the same for reading and writing. No member is lost silently: names are camelCase, fields count, and a
/// value is refused if it has a member that the type lacks, lacks one that the constructor requires, or has one twice.
/// </summary>
public static class KvJson
{
    /// <summary>The rules, with contracts by reflection where the application has reflection for JSON.</summary>
    public static JsonSerializerOptions Default { get; } = With();

    /// <summary>The rules, with the contracts of source generation. An application that is trimmed or AOT needs them.</summary>
    /// <param name="contracts">Contexts such as <c>AppJson.Default</c>; the first that knows a type decides.</param>
    public static JsonSerializerOptions With(params IJsonTypeInfoResolver[] contracts)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            IncludeFields = true,
            MaxDepth = 1024,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. contracts, Scalars.Default, Reflection()]),
        };
        options.MakeReadOnly();
        return options;
    }

    // Trimmed applications have no reflection for JSON unless they ask for it: there an unknown type is an exception.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Runs only where the application has reflection for JSON.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Runs only where the application has reflection for JSON.")]
    private static DefaultJsonTypeInfoResolver? Reflection() => JsonSerializer.IsReflectionEnabledByDefault ? new() : null;
}

/// <summary>Types that need no contract of the application.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class Scalars : JsonSerializerContext;
