using System.Text.Json;

namespace KvAspire.Data.Requests;

/// <summary>Texts of a body: one that escapes half of a surrogate pair parses, and throws when it is read or compared.</summary>
internal static class JsonTexts
{
    extension(JsonElement json)
    {
        /// <summary>The text; null where it is none.</summary>
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
