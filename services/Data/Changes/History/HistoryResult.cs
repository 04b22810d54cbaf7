using System.Globalization;
using System.Text.Json;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Paging;

namespace KvAspire.Data.Changes.History;

/// <summary>A page of a key's history, with values byte for byte as they were sent.</summary>
internal sealed class HistoryResult(EntryId id, HistoryPage page) : IResult
{
    private const string Kind = "revisions";

    /// <summary>Reads the parameter <c>cursor</c>: the revision before which the page begins.</summary>
    public static bool TryReadCursor(RawTarget target, EntryId id, out long before)
    {
        before = long.MaxValue;
        if (!target.TryRead("cursor", Cursor.MaxLength, out var text))
            return false;

        return string.IsNullOrEmpty(text)
            || long.TryParse(Cursor.Read(text, Kind, id.Owner, id.Key), NumberStyles.None, CultureInfo.InvariantCulture, out before);
    }

    public Task ExecuteAsync(HttpContext httpContext) =>
        JsonAnswer.SendAsync(httpContext, page.Changes.Sum(change => change.Change.Content.Length + 256) + 1024, Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteString("key"u8, id.Key);

        json.WriteStartArray("revisions"u8);
        foreach (var change in page.Changes)
            Write(json, change);
        json.WriteEndArray();

        json.WriteString("cursor"u8, page.Next is { } next ? Cursor.Write(next.ToString(CultureInfo.InvariantCulture), Kind, id.Owner, id.Key) : null);
        json.WriteBoolean("list_complete"u8, page.Next is null);
    }

    private static void Write(Utf8JsonWriter json, HistoricChange historic)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, historic.Change.Revision);
        json.WriteTime("time"u8, historic.Time);
        json.WriteText("actor"u8, historic.Actor);
        json.WriteText("trace_id"u8, historic.TraceId);
        json.WriteString("kind"u8, historic.Change.Kind is ChangeKind.Put ? "put"u8 : "delete"u8);
        json.WriteContent(historic.Change.Content);
        json.WriteEndObject();
    }
}
