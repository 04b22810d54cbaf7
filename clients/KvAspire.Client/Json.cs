using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KvAspire.Client;

/// <summary>Bodies of requests.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A JSON object with the members that <paramref name="write"/> writes.</summary>
    public static ByteArrayContent Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Unescaped))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new ByteArrayContent(buffer.WrittenSpan.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    /// <summary>Writes a member whose value is JSON text.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, string name, ReadOnlySpan<byte> text)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(text);
    }
}
