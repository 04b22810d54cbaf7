using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Revisions;

/// <summary>A page of a key's history in the envelope, with values byte for byte as they were sent.</summary>
internal sealed class HistoryResult(EntryId id, HistoryPage page) : IResult
{
    private const string Kind = "revisions";

    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Reads the parameter <c>cursor</c>: the revision before which a page begins.</summary>
    public static bool TryReadCursor(RawTarget target, EntryId id, out long before)
    {
        before = long.MaxValue;
        if (!target.TryRead("cursor", Cursor.MaxLength, out var text))
            return false;

        return string.IsNullOrEmpty(text)
            || long.TryParse(Cursor.Read(text, Kind, id.Owner, id.Key), NumberStyles.None, CultureInfo.InvariantCulture, out before);
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = new ArrayBufferWriter<byte>(page.Changes.Sum(change => change.Change.Bytes + 256) + 1024);
        using (var json = new Utf8JsonWriter(body, AsStored))
            Write(json);

        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.WrittenCount;
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body.WrittenMemory, httpContext.RequestAborted).AsTask();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        json.WriteStartObject("data"u8);
        json.WriteString("key"u8, id.Key);

        json.WriteStartArray("revisions"u8);
        foreach (var change in page.Changes)
            Write(json, change);
        json.WriteEndArray();

        json.WriteString("cursor"u8, page.Next is { } next ? Cursor.Write(next.ToString(CultureInfo.InvariantCulture), Kind, id.Owner, id.Key) : null);
        json.WriteBoolean("list_complete"u8, page.Next is null);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, HistoricChange historic)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, historic.Change.Revision);
        json.WriteTime("time"u8, historic.Time);
        json.WriteText("actor"u8, historic.Actor);
        json.WriteText("trace_id"u8, historic.TraceId);
        json.WriteString("kind"u8, historic.Change.Kind is ChangeKind.Put ? "put"u8 : "delete"u8);
        json.WriteRaw("value"u8, historic.Change.Value);
        json.WriteRaw("metadata"u8, historic.Change.Metadata);
        json.WriteTime("expires_at"u8, historic.Change.ExpiresAt);
        json.WriteEndObject();
    }
}
