using System.Buffers;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Batches;

/// <summary>
/// Stores many small values at once, each for itself, by a token that is known already. What is refused before anything is
/// tried is left to the ordinary request, which the gateway sends then; the rest has its outcome here.
/// On this service's own port only. Nothing is taken on the gateway's word: each write brings its token.
/// </summary>
internal static partial class BatchedWritesApi
{
    private const string NoBatch = "Invalid request. The body must be a batch of writes.";
    private const int MaxBatchBytes = BatchFormat.MaxRequests * (TokenValidator.MaxTokenLength + BatchFormat.MaxKeyLength + PutBatch.MaxBodyBytes + 32);

    /// <summary>Maps it.</summary>
    public static void MapBatchedWrites(this IEndpointRouteBuilder routes) => routes.MapPost(PutBatch.Path, AnswerAsync);

    private static async Task<IResult> AnswerAsync(HttpRequest request, WritePipeline pipeline, TimeProvider time, ILogger<WriteFailures> logger)
    {
        var writes = await BatchRequest.ReadAsync(request, MaxBatchBytes,
            (AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out WriteRequest? write) => TryRead(token, ref rest, time, out write));
        if (writes is null)
            return ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

        pipeline.Enqueue(writes.OfType<WriteRequest>());
        var answers = new ArrayBufferWriter<byte>(64 * (writes.Length + 1));
        foreach (var write in writes)
            await TellAsync(answers, write, logger);
        return Results.Bytes(answers.WrittenMemory, PutAnswers.ContentType);
    }

    private static bool TryRead(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, TimeProvider time, out WriteRequest? write)
    {
        write = null;
        if (!PutBatch.TryRead(ref rest, out var upserts, out var trace, out var key, out var text))
            return false;
        if (BatchedKey.Of(token, Scopes.Write, key) is not { } id)
            return true;

        using var body = JsonBody.Parse(text.ToArray());
        if (body.Error is null && EntryBody.Read(body.Root, time, out var content) is null)
        {
            var put = new Write(id, upserts ? WriteKind.Put : WriteKind.Update, content);
            write = new([put], new(Caller.NameOf(token!), trace.ToHexString()));
        }

        return true;
    }

    private static async Task TellAsync(ArrayBufferWriter<byte> answers, WriteRequest? write, ILogger logger)
    {
        if (write is null)
        {
            answers.WriteAnswer(0, 0, null, default);
            return;
        }

        try
        {
            EntryWritten.Write(answers, write.Writes[0].Id.Key, (await write.Results)[0]);
        }
        catch (Exception exception)
        {
            // One that fails does not fail its neighbours.
            EntryWritten.Write(answers, WriteFailures.Of(exception, logger) ?? Unhandled(exception, write.Actor.TraceId, logger));
        }
    }

    // The request's own trace id, which its error has: that of the log is the batch's.
    private static ApiError Unhandled(Exception exception, string? traceId, ILogger logger)
    {
        LogUnhandled(logger, traceId, exception);
        return UnhandledErrors.Of(exception);
    }

    [LoggerMessage(53, LogLevel.Error, "A write of a batch failed; its trace is {RequestTraceId}.")]
    private static partial void LogUnhandled(ILogger logger, string? requestTraceId, Exception exception);
}
