using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.GatewayProtocol;

namespace KvAspire.Data.Requests;

/// <summary>Writes answers that contain stored JSON text, byte for byte.</summary>
internal static class JsonAnswer
{
    public const string ContentType = "application/json; charset=utf-8";

    // Stored text was validated when it was stored.
    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Utf8JsonWriter WriterTo(IBufferWriter<byte> output) => new(output, AsStored);

    /// <summary>Sends what was read as an envelope, in one piece with its length; without the body if the method is HEAD.</summary>
    /// <param name="http">The request to answer.</param>
    /// <param name="capacity">The expected size in bytes.</param>
    /// <param name="writeData">Writes the members of <c>data</c>.</param>
    public static Task SendAsync(HttpContext http, int capacity, Action<Utf8JsonWriter> writeData)
    {
        var body = new ArrayBufferWriter<byte>(capacity);
        using (var json = WriterTo(body))
        {
            json.WriteEnvelopeStart();
            writeData(json);
            json.WriteEnvelopeEnd();
        }

        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.WrittenCount;
        http.Response.Headers.CacheControl = ReadAnswers.CacheControl;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted).AsTask();
    }
}

/// <summary>Writes the envelope of answers, and members that are left out if they have no value.</summary>
internal static class JsonMembers
{
    extension(Utf8JsonWriter json)
    {
        public void WriteEnvelopeStart()
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "success"u8);
            json.WriteStartObject("data"u8);
        }

        public void WriteEnvelopeEnd()
        {
            json.WriteEndObject();
            json.WriteEndObject();
        }

        /// <summary>Writes stored JSON text, byte for byte.</summary>
        public void WriteRaw(ReadOnlySpan<byte> name, byte[]? text)
        {
            if (text is null)
                return;

            json.WritePropertyName(name);
            json.WriteRawValue(text, skipInputValidation: true);
        }

        /// <summary>Writes the members <c>value</c>, <c>metadata</c> and <c>expires_at</c>.</summary>
        public void WriteContent(in EntryContent content)
        {
            json.WriteRaw("value"u8, content.Value);
            json.WriteRaw("metadata"u8, content.Metadata);
            json.WriteTime("expires_at"u8, content.ExpiresAt);
        }

        public void WriteText(ReadOnlySpan<byte> name, string? text)
        {
            if (text is not null)
                json.WriteString(name, text);
        }

        /// <summary>Writes a time in UTC (RFC 3339).</summary>
        public void WriteTime(ReadOnlySpan<byte> name, DateTimeOffset? time)
        {
            if (time is { } moment)
                json.WriteString(name, moment.UtcDateTime);
        }
    }
}
