using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Listing;

/// <summary>A page in the envelope, with values byte for byte as they were sent.</summary>
internal sealed class ListResult(ListQuery query, ListPage page) : IResult
{
    // What is written raw was checked when it was stored.
    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = new ArrayBufferWriter<byte>(page.Items.Sum(item => item.Bytes + (2 * item.Key.Length) + 64) + 256);
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

        json.WriteStartArray("items"u8);
        foreach (var item in page.Items)
            WriteItem(json, item);
        json.WriteEndArray();

        json.WriteStartArray("prefixes"u8);
        foreach (var prefix in page.Prefixes)
            json.WriteStringValue(prefix);
        json.WriteEndArray();

        json.WriteString("cursor"u8, page.Next is { } next ? ListCursor.Write(query, next) : null);
        json.WriteBoolean("list_complete"u8, page.Next is null);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, ListItem item)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, item.Key);
        json.WriteNumber("revision"u8, item.Revision);
        json.WriteRaw("value"u8, item.Value);
        json.WriteRaw("metadata"u8, item.Metadata);
        json.WriteTime("expires_at"u8, item.ExpiresAt);
        json.WriteEndObject();
    }
}
