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
        if (type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && json.ValueKind is JsonValueKind.Array)
        {
            foreach (var (i, item) in json.EnumerateArray().Index())
                Collect(names, item, type.Options.GetTypeInfo(element), $"{place}[{i}]");
        }

        if (type.Kind is not JsonTypeInfoKind.Object || !JsonBody.IsReadableObject(json))
            return;

        foreach (var member in json.EnumerateObject())
        {
            var path = place.Length == 0 ? member.Name : $"{place}.{member.Name}";
            if (type.Properties.FirstOrDefault(property => property.Name == member.Name) is { } known)
                Collect(names, member.Value, type.Options.GetTypeInfo(known.PropertyType), path);
            else if (names.Count < MaxNamed)
                names.Add(path.Length <= MaxLength ? path : $"{path.AsSpan(0, MaxLength)}…");
        }
    }

    private static (string Name, string Value) NameAndValue(ReadOnlySpan<char> preference)
    {
        var equals = preference.IndexOf('=');
        return equals < 0
            ? (preference.Trim().ToString(), "")
            : (preference[..equals].Trim().ToString(), preference[(equals + 1)..].Trim().Trim('"').ToString());
    }
}
