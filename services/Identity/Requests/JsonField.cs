using System.Text.Json;

namespace KvAspire.Identity.Requests;

/// <summary>A member of a JSON object, its type checked and not coerced.</summary>
/// <param name="Kind"><see cref="JsonValueKind.Undefined"/> where there is no such member.</param>
/// <param name="Text">The string, where it is one.</param>
/// <param name="Number">The integer, where it is one that is written as such: neither <c>30.0</c> nor <c>3e1</c>.</param>
internal readonly record struct JsonField(JsonValueKind Kind, string? Text = null, int? Number = null)
{
    /// <summary>Absent, or null, which means the same.</summary>
    public bool IsAbsent => Kind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The member of that name.</summary>
    public static JsonField Of(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? Of(value) : default;

    /// <summary>A value that may stand where a member does.</summary>
    public static JsonField Of(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => new(JsonValueKind.String, Text: value.GetString()),
                JsonValueKind.Number when value.TryGetInt32(out var number) => new(JsonValueKind.Number, Number: number),
                var kind => new(kind),
            };
        }
        catch (InvalidOperationException)
        {
            // An escape of half a surrogate pair: JSON allows it, but it is no text.
            return new(JsonValueKind.String);
        }
    }
}
