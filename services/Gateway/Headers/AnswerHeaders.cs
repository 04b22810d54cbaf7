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
            var headers = ((HttpResponse)state).Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.Remove(HeaderNames.Server);
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    });
}
