using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Bulk;

/// <summary>What became of an operation, as the answer says it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Status">The status that it would have had as a request of its own.</param>
/// <param name="Revision">The revision it made or read, where there is one.</param>
/// <param name="Read">What was read.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record OperationOutcome(string? Key, int Status, long Revision = 0, EntryContent Read = default, ApiError? Error = null)
{
    /// <summary>It failed.</summary>
    public static OperationOutcome Of(string? key, ApiError error) => new(key, error.Status, Error: error);

    /// <summary>It changed something, or not.</summary>
    public static OperationOutcome Of(string key, WriteResult result) => result.Outcome switch
    {
        WriteOutcome.Created => new(key, StatusCodes.Status201Created, result.Revision),
        WriteOutcome.Updated or WriteOutcome.Deleted => new(key, StatusCodes.Status200OK, result.Revision),
        _ => Of(key, EntryWritten.Refusal(result.Outcome)),
    };

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteText("key"u8, Key);
        json.WriteNumber("status"u8, Status);
        if (Revision > 0)
            json.WriteNumber("revision"u8, Revision);
        json.WriteRaw("value"u8, Read.Value);
        json.WriteRaw("metadata"u8, Read.Metadata);
        json.WriteTime("expires_at"u8, Read.ExpiresAt);
        json.WriteText("code"u8, Error?.Code);
        json.WriteText("message"u8, Error?.Message);
        json.WriteEndObject();
    }
}

/// <summary>What became of all operations, in the envelope.</summary>
internal sealed class OperationsResult(IReadOnlyList<OperationOutcome> outcomes) : IResult
{
    private static readonly JsonWriterOptions AsStored = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter, AsStored);
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        json.WriteStartObject("data"u8);
        json.WriteStartArray("results"u8);
        foreach (var outcome in outcomes)
        {
            outcome.Write(json);
            await json.FlushAsync(httpContext.RequestAborted);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(httpContext.RequestAborted);
    }
}
