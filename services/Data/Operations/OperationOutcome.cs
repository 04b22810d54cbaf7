using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Operations;

/// <summary>The outcome of an operation, with the status that it would have as a single request.</summary>
internal sealed record OperationOutcome(string? Key, int Status, long Revision = 0, EntryContent Read = default, ApiError? Error = null)
{
    public static OperationOutcome Of(string? key, ApiError error) => new(key, error.Status, Error: error);

    public static OperationOutcome Of(string key, WriteResult result) => result.Outcome switch
    {
        WriteOutcome.Created => new(key, StatusCodes.Status201Created, result.Revision),
        WriteOutcome.Updated or WriteOutcome.Deleted => new(key, StatusCodes.Status200OK, result.Revision),
        _ => Of(key, EntryWritten.Refusal(result.Outcome)),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteText("key"u8, Key);
        json.WriteNumber("status"u8, Status);
        if (Revision > 0)
            json.WriteNumber("revision"u8, Revision);
        json.WriteContent(Read);
        json.WriteText("code"u8, Error?.Code);
        json.WriteText("message"u8, Error?.Message);
        WriteErrors(json);
        json.WriteEndObject();
    }

    private void WriteErrors(Utf8JsonWriter json)
    {
        if (Error?.Errors is not { } errors)
            return;

        json.WritePropertyName("errors"u8);
        JsonSerializer.Serialize(json, errors);
    }
}

/// <summary>The outcomes of all operations as an answer.</summary>
internal sealed class OperationsResult(IReadOnlyList<OperationOutcome> outcomes) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = JsonAnswer.ContentType;
        await using var json = JsonAnswer.WriterTo(httpContext.Response.BodyWriter);
        json.WriteEnvelopeStart();
        json.WriteStartArray("results"u8);
        foreach (var outcome in outcomes)
        {
            outcome.Write(json);
            await json.FlushAsync(httpContext.RequestAborted);
        }

        json.WriteEndArray();
        json.WriteEnvelopeEnd();
        await json.FlushAsync(httpContext.RequestAborted);
    }
}
