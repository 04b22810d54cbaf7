using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Headers;

/// <summary>What every answer carries, or must not carry, wherever it comes from.</summary>
internal static class AnswerHeaders
{
    private const string ReferrerPolicy = "Referrer-Policy";

    private static readonly StringValues NoSniff = "nosniff", NoReferrer = "no-referrer";

    // An answer is data. Should a browser ever take one for a page, then for one that can do nothing and is in no frame.
    private static readonly StringValues NothingIsLoaded = "default-src 'none'; frame-ancestors 'none'";

    public static WebApplicationBuilder AddAnswerHeaders(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StrictTransport>().BindConfiguration(StrictTransport.Section)
            .Validate(transport => transport.IsValid, StrictTransport.Sentence).ValidateOnStart();
        return builder;
    }

    public static void UseAnswerHeaders(this WebApplication app)
    {
        var transport = app.Services.GetRequiredService<IOptions<StrictTransport>>().Value;
        StringValues secureOnly = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)transport.MaxAge.TotalSeconds}");
        Func<object, Task> complete = response => // one for all requests
        {
            Complete((HttpResponse)response, secureOnly);
            return Task.CompletedTask;
        };
        app.Use((context, next) =>
        {
            // As late as possible: an answer to a failure begins by clearing all headers.
            context.Response.OnStarting(complete, context.Response);
            return next(context);
        });
    }

    private static void Complete(HttpResponse response, StringValues secureOnly)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers[ReferrerPolicy] = NoReferrer;
        headers.Remove(HeaderNames.Server);
        if (headers.ContentSecurityPolicy.Count == 0) // the pages have their own
            headers.ContentSecurityPolicy = NothingIsLoaded;

        // Over plain HTTP it must not be there (RFC 6797, section 7.2). By now a trusted proxy has had its say.
        if (response.HttpContext.Request.IsHttps)
            headers.StrictTransportSecurity = secureOnly;

        // What is left of the request is read and thrown away for some seconds, then the connection is cut: the client
        // must not send another request on it (RFC 9112, section 9.6).
        if (response.StatusCode is StatusCodes.Status413PayloadTooLarge && HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol))
            headers.Connection = "close";
    }
}
