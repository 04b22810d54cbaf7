using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Changes.Watch;

/// <summary>Writes changes as server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class EventWriter
{
    private readonly ArrayBufferWriter<byte> json = new();
    private readonly ArrayBufferWriter<byte> events = new();

    /// <summary>The events that were not sent yet.</summary>
    public ReadOnlyMemory<byte> Written => events.WrittenMemory;

    public void Clear()
    {
        events.ResetWrittenCount();
        json.ResetWrittenCount();
    }

    /// <summary>Tells the client how long to wait before it reconnects.</summary>
    public void Retry(int milliseconds) => Write(string.Create(CultureInfo.InvariantCulture, $"retry: {milliseconds}\n\n"));

    /// <summary>Tells the client its position without an event: a block with an id and no data dispatches none.</summary>
    public void Position(long revision) => Write(string.Create(CultureInfo.InvariantCulture, $": {revision}\nid: {revision}\n\n"));

    public void Change(Change change)
    {
        json.ResetWrittenCount();
        using (var writer = JsonAnswer.WriterTo(json))
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
        writer.WriteContent(change.Content);
        writer.WriteEndObject();
    }

    // A value may contain line breaks between its tokens. Each line becomes a data field, and the client joins them.
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
