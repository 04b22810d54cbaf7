using System.Buffers;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Batches;

/// <summary>Stores many small values, each with its own outcome. An invalid write is left to its ordinary endpoint.</summary>
internal static class WritesEndpoint
{
    private const string NoBatch = "Invalid request. The body must be a batch of writes.";
    private const int MaxBatchBytes = BatchFormat.MaxRequests * (TokenValidator.MaxTokenLength + BatchFormat.MaxKeyLength + WriteRequests.MaxBodyBytes + 32);

    public static async Task<IResult> AnswerAsync(HttpRequest request, WriteLanes lanes, TimeProvider time, BatchFailures failures)
    {
        var writes = await BatchBody.ReadAsync(request, MaxBatchBytes,
            (AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out WriteRequest? write) => TryRead(token, ref rest, time, out write));
        if (writes is null)
            return ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

        lanes.Enqueue(writes.OfType<WriteRequest>());
        var answers = new ArrayBufferWriter<byte>(64 * (writes.Length + 1));
        foreach (var write in writes)
            await TellAsync(answers, write, failures);
        return Results.Bytes(answers.WrittenMemory, WriteAnswers.ContentType);
    }

    private static bool TryRead(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, TimeProvider time, out WriteRequest? write)
    {
        write = null;
        if (!WriteRequests.TryRead(ref rest, out var upserts, out var trace, out var key, out var text))
            return false;
        if (BatchBody.EntryOf(token, Scopes.Write, key) is not { } id)
            return true;

        using var body = JsonBody.Parse(text.ToArray());
        if (body.Error is null && EntryBody.Read(body.Root, time, out var content) is null)
        {
            var put = new Write(id, upserts ? WriteKind.Put : WriteKind.Update, content);
            write = new([put], new(Caller.NameOf(token!), trace.ToHexString()));
        }

        return true;
    }

    private static async Task TellAsync(ArrayBufferWriter<byte> answers, WriteRequest? write, BatchFailures failures)
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
            // One write that fails must not fail its neighbours.
            EntryWritten.Write(answers, failures.Of(exception, write.Actor.TraceId));
        }
    }
}
