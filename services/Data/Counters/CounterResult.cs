using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;

namespace KvAspire.Data.Counters;

/// <summary>The answer to an addition: what the number is now.</summary>
internal sealed class CounterResult(string key, WriteResult result) : IResult
{
    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = EntryResult.ETag(result.Revision);
        response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(response.BodyWriter, AsStored);
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        json.WriteStartObject("data"u8);
        json.WriteString("key"u8, key);
        json.WriteRaw("value"u8, result.Value);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(httpContext.RequestAborted);
    }
}
