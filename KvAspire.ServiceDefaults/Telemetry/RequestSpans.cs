using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Tells a request's span how it ended: route, status, a name without what users own in it (OpenTelemetry's conventions
/// for HTTP server spans). ASP.NET Core 10 only tells how it began; from 11 on it does this as well.
/// </summary>
internal static class RequestSpans
{
    public static void UseRequestSpans(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        finally
        {
            if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
                Describe(span, context);
            if (context.GetEndpoint() is null && Route(context) is { } route)
                context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("http.route", route)); // lost to the metrics otherwise
        }
    });

    private static void Describe(Activity span, HttpContext context)
    {
        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }

        var method = span.GetTagItem("http.request.method") is string known and not "_OTHER" ? known : "HTTP";
        if (Route(context) is not { } route)
        {
            span.DisplayName = method;
            return;
        }

        span.SetTag("http.route", route);
        span.DisplayName = $"{method} {route}";
    }

    // Answering an exception takes the endpoint away from the request.
    private static string? Route(HttpContext context) =>
        (context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint)
            ?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;
}
