using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Edge.Framing;

/// <summary>
/// Refuses requests whose end is ambiguous. A proxy in front of the gateway could see another end, and take the rest of this
/// request for the beginning of another user's (request smuggling; RFC 9112, section 11.2).
/// </summary>
internal static class StrictFraming
{
    // Kestrel accepts a bare line feed by default, as RFC 9112, section 2.2, allows. Servers that do not would see other headers.
    private const string RequireCarriageReturns = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    // Kestrel's name for a Content-Length beside Transfer-Encoding, which Kestrel ignores.
    private const string IgnoredLength = "X-Content-Length";

    private const string Refusal =
        "Invalid request. A body must have either a Content-Length or, in HTTP/1.1, exactly one Transfer-Encoding: chunked.";

    public static WebApplicationBuilder AddStrictFraming(this WebApplicationBuilder builder)
    {
        AppContext.SetSwitch(RequireCarriageReturns, true);
        return builder;
    }

    public static void UseStrictFraming(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.Headers.TransferEncoding.Count == 0 || IsUnambiguous(context.Request) ? next(context) : RefuseAsync(context));

    // RFC 9112, sections 6.1 and 6.3.
    private static bool IsUnambiguous(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol)
        && request.Headers.TransferEncoding is [{ } coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
        && !request.Headers.ContainsKey(IgnoredLength);

    private static Task RefuseAsync(HttpContext context)
    {
        // The rest of the connection's bytes cannot be trusted.
        context.Response.Headers.Connection = "close";
        return ErrorCatalogue.InvalidRequest.AsResult(Refusal).ExecuteAsync(context);
    }
}
