using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>Endpoint metadata: the type that describes the members of a JSON body.</summary>
public interface IDescribedBody
{
    /// <summary>The type; null if the endpoint takes no body.</summary>
    Type? BodyType { get; }
}

/// <summary>
/// The preference <c>handling=strict</c> (RFC 7240, section 4.4): members that the endpoint does not know are an error instead
/// of ignored.
/// </summary>
internal static class StrictHandling
{
    private const string Header = "Prefer", Applied = "Preference-Applied", Strict = "handling=strict";

    // The error of a hostile body stays short.
    private const int MaxNamed = 20, MaxLength = 100;

    /// <summary>Whether the client asks for it. The first preference of a name counts.</summary>
    public static bool IsAskedFor(HttpRequest request)
    {
        foreach (var line in request.Headers[Header])
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var preference = line.AsSpan(range);
                var parameters = preference.IndexOf(';');
                var (name, value) = NameAndValue(parameters < 0 ? preference : preference[..parameters]);
                if (name.Equals("handling", StringComparison.OrdinalIgnoreCase))
                    return value.Equals("strict", StringComparison.OrdinalIgnoreCase);
            }
        }

        return false;
    }

    /// <summary>Looks for unknown members, and tells the client that the preference was applied.</summary>
    /// <returns>The error, or null.</returns>
    public static ApiError? Check(HttpContext context, JsonElement body)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IDescribedBody>()?.BodyType is not { } type)
            return null;

        var names = new List<string>();
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        Collect(names, body, options.GetTypeInfo(type), "");
        context.Response.Headers[Applied] = Strict;
        return names.Count == 0 ? null : ErrorCatalogue.InvalidRequest with
        {
            Message = $"Invalid request. Unknown members: {string.Join(", ", names)}.",
            Errors = names.Distinct().ToDictionary(name => name, _ => (string[])["This member is unknown."]),
        };
    }

    // Only members of described objects are looked at. Values and metadata have members of any name.
    private static void Collect(List<string> names, JsonElement json, JsonTypeInfo type, string place)
    {
        if (type.Kind is JsonTypeInfoKind.Enumerable && json.ValueKind is JsonValueKind.Array)
            CollectOfItems(names, json, type.Options.GetTypeInfo(type.ElementType!), place);
        else if (type.Kind is JsonTypeInfoKind.Object && JsonBody.IsReadableObject(json))
            CollectOfMembers(names, json, type, place);
    }

    private static void CollectOfItems(List<string> names, JsonElement array, JsonTypeInfo type, string place)
    {
        if (!HasMembers(type))
            return;

        foreach (var (i, item) in array.EnumerateArray().Index())
        {
            if (names.Count == MaxNamed)
                return;
            Collect(names, item, type, $"{place}[{i}]");
        }
    }

    private static void CollectOfMembers(List<string> names, JsonElement json, JsonTypeInfo type, string place)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (names.Count == MaxNamed)
                return;

            if (Known(type, member) is not { } known)
                names.Add(Shortened(PathOf(place, member)));
            else if (type.Options.GetTypeInfo(known.PropertyType) is var its && HasMembers(its))
                Collect(names, member.Value, its, PathOf(place, member));
        }
    }

    private static JsonPropertyInfo? Known(JsonTypeInfo type, JsonProperty member)
    {
        foreach (var property in type.Properties)
        {
            if (member.NameEquals(property.Name))
                return property;
        }

        return null;
    }

    private static bool HasMembers(JsonTypeInfo type) => type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Enumerable;

    private static string PathOf(string place, JsonProperty member) => place.Length == 0 ? member.Name : $"{place}.{member.Name}";

    private static string Shortened(string path) => path.Length <= MaxLength ? path : $"{path.AsSpan(0, MaxLength)}…";

    private static (string Name, string Value) NameAndValue(ReadOnlySpan<char> preference)
    {
        var equals = preference.IndexOf('=');
        return equals < 0
            ? (preference.Trim().ToString(), "")
            : (preference[..equals].Trim().ToString(), preference[(equals + 1)..].Trim().Trim('"').ToString());
    }
}
