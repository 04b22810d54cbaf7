using System.Text.Json;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Listing;

/// <summary>A page as an answer, with values byte for byte as they were sent.</summary>
internal sealed class ListResult(ListQuery query, ListPage page) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) =>
        JsonAnswer.SendAsync(httpContext, page.Items.Sum(item => item.Content.Length + (2 * item.Key.Length) + 64) + 256, Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("items"u8);
        foreach (var item in page.Items)
            Write(json, item);
        json.WriteEndArray();

        json.WriteStartArray("prefixes"u8);
        foreach (var prefix in page.Prefixes)
            json.WriteStringValue(prefix);
        json.WriteEndArray();

        json.WriteString("cursor"u8, page.Next is { } next ? ListCursor.Write(query, next) : null);
        json.WriteBoolean("list_complete"u8, page.Next is null);
    }

    private static void Write(Utf8JsonWriter json, ListItem item)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, item.Key);
        json.WriteNumber("revision"u8, item.Revision);
        json.WriteContent(item.Content);
        json.WriteEndObject();
    }
}
