using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Messages;

/// <summary>
/// Lets through only requests of which it is beyond doubt where they end. A proxy in front of the gateway could otherwise take
/// for the beginning of another user's request what the gateway takes for the end of this one, or the other way round (request
/// smuggling; RFC 9112, section 11.2).
/// </summary>
internal static class PlainFraming
{
    // It ends lines at a bare line feed by default, as it may (RFC 9112, section 2.2). Where others do not, they see other headers.
    private const string LinesEndAsTheyShould = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    // What Kestrel makes of a length beside chunks, which it then does not regard.
    private const string DisregardedLength = "X-Content-Length";

    private const string Refusal = "Invalid request. A body has either a Content-Length or, in HTTP/1.1, a Transfer-Encoding of chunked and nothing else.";

    public static WebApplicationBuilder AddPlainFraming(this WebApplicationBuilder builder)
    {
        AppContext.SetSwitch(LinesEndAsTheyShould, true);
        return builder;
    }

    public static void UsePlainFraming(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.Headers.TransferEncoding.Count == 0 || IsPlain(context.Request) ? next(context) : RefuseAsync(context));

    // Sections 6.1 and 6.3.
    private static bool IsPlain(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol)
        && request.Headers.TransferEncoding is [{ } coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
        && !request.Headers.ContainsKey(DisregardedLength);

    private static Task RefuseAsync(HttpContext context)
    {
        // What follows on the connection may be anything.
        context.Response.Headers.Connection = "close";
        return ErrorCatalogue.InvalidRequest.AsResult(Refusal).ExecuteAsync(context);
    }
}
