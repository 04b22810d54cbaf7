using System.Text.Json;

namespace KvAspire.Identity.Requests;

/// <summary>A member of a JSON object, with its type checked and not coerced.</summary>
/// <param name="Kind">The kind; <see cref="JsonValueKind.Undefined"/> where the member is absent.</param>
/// <param name="Text">The string, if the member is one.</param>
/// <param name="Number">The integer, if the member is one.</param>
internal readonly record struct JsonField(JsonValueKind Kind, string? Text = null, int? Number = null)
{
    /// <summary>Whether the member is absent or null, which means the same.</summary>
    public bool IsAbsent => Kind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The sentence for a required text that is missing, empty, or of another type.</summary>
    public string Complaint =>
        IsAbsent || Text is "" ? "This field is required." : "This field must be a string of well-formed text.";

    public static JsonField Of(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? Of(value) : default;

    public static JsonField Of(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => new(JsonValueKind.String, Text: value.GetString()),
                JsonValueKind.Number when value.TryReadInteger(out var number) && number is >= int.MinValue and <= int.MaxValue =>
                    new(JsonValueKind.Number, Number: (int)number),
                var kind => new(kind),
            };
        }
        catch (InvalidOperationException)
        {
            // JSON allows an escape of half a surrogate pair, but that is no text.
            return new(JsonValueKind.String);
        }
    }
}
