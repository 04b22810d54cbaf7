using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Edge.Framing;

/// <summary>
/// Answers 413 to request bodies over their route's limit: at once if <c>Content-Length</c> exceeds it, else when more arrives.
/// </summary>
internal static class BodyLimit
{
    public static WebApplicationBuilder AddBodyLimit(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<BodyLimitOptions>()
            .BindConfiguration(BodyLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        // Kestrel's own limit resets the connection while the client still sends, so that the client never sees the response.
        // Without that limit Kestrel responds, and then discards the rest of the body for at most five seconds.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        return builder;
    }

    public static void UseBodyLimit(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<BodyLimitOptions>>().Value;
        app.Use((context, next) => context.Request.ContentLength > MaxOf(context, limits)
            ? ErrorCatalogue.PayloadTooLarge.AsResult().ExecuteAsync(context)
            : next(context));
    }

    /// <summary>
    /// Counts the bytes of bodies that are forwarded as they come. Kestrel enforces <c>Content-Length</c>, but a chunked body
    /// must be counted, and failover must know of each body whether it was read.
    /// </summary>
    public static void UseLimitedBodies(this IApplicationBuilder pipeline)
    {
        var limits = pipeline.ApplicationServices.GetRequiredService<IOptions<BodyLimitOptions>>().Value;
        pipeline.Use((context, next) =>
        {
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && !context.Request.Body.CanSeek)
                context.Request.Body = new LimitedBody(context.Request.Body, MaxOf(context, limits));
            return next(context);
        });
    }

    private static long MaxOf(HttpContext context, BodyLimitOptions limits) =>
        PublicRoute.Of(context) is { TakesLargeBodies: true } ? limits.MaxLargeRequestBodyBytes : limits.MaxRequestBodyBytes;
}
