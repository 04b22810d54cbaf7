using System.Buffers;
using System.Text;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Entries;

/// <summary>The answer to a successful change of one entry.</summary>
internal sealed class EntryWritten(int status, byte[] body, long revision, string? location = null) : IResult
{
    private static readonly byte[] Stored = "{\"status\":\"success\",\"message\":\"Data stored successfully.\"}"u8.ToArray();
    private static readonly byte[] Updated = "{\"status\":\"success\",\"message\":\"Data updated successfully.\"}"u8.ToArray();
    private static readonly byte[] Deleted = "{\"status\":\"success\",\"message\":\"Data deleted successfully.\"}"u8.ToArray();
    private static readonly byte[] Restored = "{\"status\":\"success\",\"message\":\"Data restored successfully.\"}"u8.ToArray();

    /// <summary>The answer to a change.</summary>
    public static IResult Of(string key, WriteResult result) => result.Outcome switch
    {
        WriteOutcome.Created => new EntryWritten(StatusCodes.Status201Created, Stored, result.Revision, EntryAddress.Of(key)),
        WriteOutcome.Updated => new EntryWritten(StatusCodes.Status200OK, Updated, result.Revision),
        WriteOutcome.Deleted => new EntryWritten(StatusCodes.Status200OK, Deleted, revision: 0),
        _ => Refusal(result.Outcome).AsResult(),
    };

    /// <summary>Writes the answer to a put into the answers of its batch.</summary>
    public static void Write(IBufferWriter<byte> answers, string key, WriteResult result)
    {
        if (result.Outcome is WriteOutcome.Created)
            answers.WriteAnswer(StatusCodes.Status201Created, result.Revision, EntryAddress.Of(key), Stored);
        else if (result.Outcome is WriteOutcome.Updated)
            answers.WriteAnswer(StatusCodes.Status200OK, result.Revision, null, Updated);
        else
            Write(answers, Refusal(result.Outcome));
    }

    /// <summary>Writes an error into the answers of a batch.</summary>
    public static void Write(IBufferWriter<byte> answers, ApiError error) =>
        answers.WriteAnswer(error.Status, 0, null, Encoding.ASCII.GetBytes(error.Code));

    /// <summary>The answer to a restored value.</summary>
    public static IResult OfRestored(WriteResult result) => result.Succeeded
        ? new EntryWritten(StatusCodes.Status200OK, Restored, result.Revision)
        : Refusal(result.Outcome).AsResult();

    /// <summary>The error of a change that was refused.</summary>
    public static ApiError Refusal(WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Exists => ErrorCatalogue.KeyExists,
        WriteOutcome.NotFound => ErrorCatalogue.KeyNotFound,
        WriteOutcome.PreconditionFailed => ErrorCatalogue.PreconditionFailed,
        WriteOutcome.QuotaExceeded => ErrorCatalogue.QuotaExceeded,
        WriteOutcome.NotANumber => ErrorCatalogue.NotANumber,
        _ => throw new InvalidOperationException($"{outcome} is no refusal."),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (revision > 0)
            response.Headers.ETag = EntryResult.ETag(revision);
        if (location is not null)
            response.Headers.Location = location;
        response.ContentType = JsonAnswer.ContentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
