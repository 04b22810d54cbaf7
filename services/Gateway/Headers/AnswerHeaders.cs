using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Headers;

/// <summary>What every answer carries, or must not carry, wherever it comes from.</summary>
internal static class AnswerHeaders
{
    public static void UseAnswerHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        // As late as possible: an answer to a failure begins by clearing all headers.
        context.Response.OnStarting(static state =>
        {
            var response = (HttpResponse)state;
            var headers = response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.Remove(HeaderNames.Server);

            // What is left of the request is read and thrown away for some seconds, then the connection is cut: the client
            // must not send another request on it (RFC 9112, section 9.6).
            if (response.StatusCode is StatusCodes.Status413PayloadTooLarge && HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol))
                headers.Connection = "close";
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    });
}
