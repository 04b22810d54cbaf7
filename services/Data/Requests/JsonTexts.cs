using System.Text.Json;

namespace KvAspire.Data.Requests;

/// <summary>
/// Reads texts of a body. A text with an escaped lone surrogate can be parsed, but throws when it is read or compared.
/// </summary>
internal static class JsonTexts
{
    extension(JsonElement json)
    {
        /// <summary>The text; null if the element is none.</summary>
        public string? AsText()
        {
            try
            {
                return json.ValueKind is JsonValueKind.String ? json.GetString() : null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }
}
