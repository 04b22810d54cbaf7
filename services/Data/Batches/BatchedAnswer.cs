using System.Buffers;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Batches;

namespace KvAspire.Data.Batches;

/// <summary>What the cache had for each read of a batch.</summary>
internal sealed class BatchedAnswer(CachedEntry[] found, DateTimeOffset now) : IResult
{
    /// <inheritdoc/>
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
            answers.Write(ReadAnswerKind.Elsewhere);
        else if (entry.Entry.IsLiveAt(now))
            answers.WriteEntry(entry.Entry.Revision, entry.Entry.Body.Span);
        else
            answers.Write(ReadAnswerKind.None);
    }
}
