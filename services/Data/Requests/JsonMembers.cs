using System.Text.Json;

namespace KvAspire.Data.Requests;

/// <summary>Members of an answer that are left out where there is nothing to say.</summary>
internal static class JsonMembers
{
    extension(Utf8JsonWriter json)
    {
        /// <summary>JSON text that was stored, byte for byte.</summary>
        public void WriteRaw(ReadOnlySpan<byte> name, byte[]? text)
        {
            if (text is null)
                return;

            json.WritePropertyName(name);
            json.WriteRawValue(text, skipInputValidation: true);
        }

        /// <summary>A text.</summary>
        public void WriteText(ReadOnlySpan<byte> name, string? text)
        {
            if (text is not null)
                json.WriteString(name, text);
        }

        /// <summary>A moment (RFC 3339), in UTC.</summary>
        public void WriteTime(ReadOnlySpan<byte> name, DateTimeOffset? time)
        {
            if (time is { } moment)
                json.WriteString(name, moment.UtcDateTime);
        }
    }
}
