using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Requests;
using KvAspire.Data.Revisions;

namespace KvAspire.Data.Watch;

/// <summary>Changes as server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class EventWriter
{
    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> json = new();
    private readonly ArrayBufferWriter<byte> events = new();

    /// <summary>What was written and not yet taken.</summary>
    public ReadOnlyMemory<byte> Written => events.WrittenMemory;

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        events.ResetWrittenCount();
        json.ResetWrittenCount();
    }

    /// <summary>How long a client waits before it reconnects.</summary>
    public void Retry(int milliseconds) => Write(string.Create(CultureInfo.InvariantCulture, $"retry: {milliseconds}\n\n"));

    /// <summary>Tells the client how far it has come, without an event: a block that has an id and no data dispatches none.</summary>
    public void Position(long revision) => Write(string.Create(CultureInfo.InvariantCulture, $": {revision}\nid: {revision}\n\n"));

    /// <summary>A change.</summary>
    public void Change(Change change)
    {
        json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(json, AsStored))
            Write(writer, change);

        var name = change.Kind is ChangeKind.Put ? "put" : "delete";
        Write(string.Create(CultureInfo.InvariantCulture, $"id: {change.Revision}\nevent: {name}\ndata: "));
        WriteLines(json.WrittenSpan);
        events.Write("\n\n"u8);
    }

    private static void Write(Utf8JsonWriter writer, Change change)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, change.Key);
        writer.WriteNumber("revision"u8, change.Revision);
        writer.WriteRaw("value"u8, change.Value);
        writer.WriteRaw("metadata"u8, change.Metadata);
        writer.WriteTime("expires_at"u8, change.ExpiresAt);
        writer.WriteEndObject();
    }

    // A value may have been sent with line breaks between its tokens. Each line is a data field of its own, and the client
    // puts them together again.
    private void WriteLines(ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
        {
            events.Write(text[..end]);
            events.Write("\ndata: "u8);
            text = text[(end + (text[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }

        events.Write(text);
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, events);
}
