using System.Globalization;
using KvAspire.Data.Cache;
using KvAspire.Data.Requests;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Entries;

/// <summary>The answer to a read: the body of an image.</summary>
internal sealed class EntryResult(EntryImage entry, int status) : IResult
{
    /// <summary>The answer to a read of an existing entry.</summary>
    public static IResult Of(EntryImage entry, Conditions conditions) =>
        !conditions.HoldsFor(entry.Revision) ? ErrorCatalogue.PreconditionFailed.AsResult()
        : conditions.Excludes(entry.Revision) ? new EntryResult(entry, StatusCodes.Status304NotModified)
        : new EntryResult(entry, StatusCodes.Status200OK);

    /// <summary>The strong entity tag of a revision (RFC 9110, section 8.8.3).</summary>
    public static string ETag(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.ETag = ETag(entry.Revision);
        response.Headers.CacheControl = ReadAnswers.CacheControl;
        if (status is StatusCodes.Status304NotModified)
            return Task.CompletedTask;

        response.ContentType = JsonAnswer.ContentType;
        response.ContentLength = entry.Body.Length;
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(entry.Body, httpContext.RequestAborted).AsTask();
    }
}
