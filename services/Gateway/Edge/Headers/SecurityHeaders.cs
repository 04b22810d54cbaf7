using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Edge.Headers;

/// <summary>Sets the headers that every response must have, and removes those that none may have.</summary>
internal static class SecurityHeaders
{
    private const string ReferrerPolicy = "Referrer-Policy";

    private static readonly StringValues NoSniff = "nosniff", NoReferrer = "no-referrer";

    // Responses are data. A browser that renders one as a page runs and loads nothing, and shows it in no frame.
    private static readonly StringValues LoadNothing = "default-src 'none'; frame-ancestors 'none'";

    public static WebApplicationBuilder AddSecurityHeaders(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StrictTransportOptions>()
            .BindConfiguration(StrictTransportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return builder;
    }

    public static void UseSecurityHeaders(this WebApplication app)
    {
        var transport = app.Services.GetRequiredService<IOptions<StrictTransportOptions>>().Value;
        StringValues hsts = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)transport.MaxAge.TotalSeconds}");
        Func<object, Task> complete = response => // one delegate for all requests
        {
            Complete((HttpResponse)response, hsts);
            return Task.CompletedTask;
        };
        app.Use((context, next) =>
        {
            // As late as possible: an error response clears all headers first.
            context.Response.OnStarting(complete, context.Response);
            return next(context);
        });
    }

    private static void Complete(HttpResponse response, StringValues hsts)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers[ReferrerPolicy] = NoReferrer;
        headers.Remove(HeaderNames.Server);
        if (headers.ContentSecurityPolicy.Count == 0) // the pages have their own
            headers.ContentSecurityPolicy = LoadNothing;

        // Never over plain HTTP (RFC 6797, section 7.2). IsHttps already includes a trusted proxy's X-Forwarded-Proto.
        if (response.HttpContext.Request.IsHttps)
            headers.StrictTransportSecurity = hsts;

        // Kestrel discards the rest of the body for some seconds, then closes the connection: the client must not send
        // another request on it (RFC 9112, section 9.6).
        if (response.StatusCode is StatusCodes.Status413PayloadTooLarge && HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol))
            headers.Connection = "close";
    }
}
