using KvAspire.Data.Entries;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Counters;

/// <summary>The answer to an addition: the new value, unless the caller may not read it.</summary>
internal sealed class CounterResult(string key, long revision, byte[]? value) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = EntryResult.ETag(revision);
        response.ContentType = JsonAnswer.ContentType;
        await using var json = JsonAnswer.WriterTo(response.BodyWriter);
        json.WriteEnvelopeStart();
        json.WriteString("key"u8, key);
        json.WriteRaw("value"u8, value);
        json.WriteEnvelopeEnd();
        await json.FlushAsync(httpContext.RequestAborted);
    }
}
