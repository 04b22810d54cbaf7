using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;

namespace KvAspire.Data.Counters;

/// <summary>The answer to an addition: the new value.</summary>
internal sealed class CounterResult(string key, WriteResult result) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = EntryResult.ETag(result.Revision);
        response.ContentType = JsonAnswer.ContentType;
        await using var json = JsonAnswer.WriterTo(response.BodyWriter);
        json.WriteEnvelopeStart();
        json.WriteString("key"u8, key);
        json.WriteRaw("value"u8, result.Value);
        json.WriteEnvelopeEnd();
        await json.FlushAsync(httpContext.RequestAborted);
    }
}
