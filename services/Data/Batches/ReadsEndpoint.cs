using System.Buffers;
using KvAspire.Data.Cache;
using KvAspire.Data.Entries;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Batches;

/// <summary>Answers many reads from the cache, with one command to Redis for all.</summary>
internal static class ReadsEndpoint
{
    private const string NoBatch = "Invalid request. The body must be a batch of reads.";
    private const int MaxBatchBytes = BatchFormat.MaxRequests * (TokenValidator.MaxTokenLength + BatchFormat.MaxKeyLength + 8);

    public static async Task<IResult> AnswerAsync(HttpRequest request, EntryCache cache, TimeProvider time)
    {
        if (await BatchBody.ReadAsync<EntryId?>(request, MaxBatchBytes, TryRead) is not { } reads)
            return ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

        var found = await cache.ReadAsync(reads);
        CacheEvent.Add(found);
        return new ReadsResult(found, time.GetUtcNow());
    }

    private static bool TryRead(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out EntryId? read)
    {
        read = null;
        if (!BatchFormat.TryReadBytes(ref rest, out var key))
            return false;

        read = BatchBody.EntryOf(token, Scopes.Read, key);
        return true;
    }
}

/// <summary>The answer to a batch of reads: what the cache has for each.</summary>
internal sealed class ReadsResult(CachedEntry[] found, DateTimeOffset now) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var answers = new ArrayBufferWriter<byte>(found.Sum(entry => ReadAnswers.LengthOf(entry.Entry.IsLive ? entry.Entry.Body.Length : 0)));
        foreach (var entry in found)
            Write(answers, entry);

        httpContext.Response.ContentType = ReadAnswers.ContentType;
        httpContext.Response.ContentLength = answers.WrittenCount;
        return httpContext.Response.Body.WriteAsync(answers.WrittenMemory, httpContext.RequestAborted).AsTask();
    }

    private void Write(ArrayBufferWriter<byte> answers, in CachedEntry entry)
    {
        if (entry.Outcome is not CacheOutcome.Hit)
            answers.Write(ReadAnswerKind.Declined);
        else if (entry.Entry.IsLiveAt(now))
            answers.WriteEntry(entry.Entry.Revision, entry.Entry.Body.Span);
        else
            answers.Write(ReadAnswerKind.None);
    }
}
