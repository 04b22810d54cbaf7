using KvAspire.Gateway.Routing;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Limits;

/// <summary>
/// Refuses request bodies over the limit of their route: at once where the length is announced, else as soon as the limit is
/// passed.
/// </summary>
internal static class BodyLimit
{
    public static WebApplicationBuilder AddBodyLimit(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<BodyLimitOptions>()
            .BindConfiguration(BodyLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        // Kestrel's own limit resets the connection while the client still sends, and the client never sees the answer.
        // Without it Kestrel answers first, then reads on and throws away what arrives, for at most five seconds.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        return builder;
    }

    /// <summary>Notes at the endpoints of which routes larger bodies are taken.</summary>
    public static ReverseProxyConventionBuilder LimitBodies(this ReverseProxyConventionBuilder endpoints) =>
        endpoints.ConfigureEndpoints((endpoint, route) =>
        {
            if (PublicRoutes.TakeLargeBodies.Contains(route.RouteId))
                endpoint.WithMetadata(LargeBodies.AreTaken);
        });

    public static void UseBodyLimit(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<BodyLimitOptions>>().Value;
        app.Use((context, next) =>
        {
            var max = context.GetEndpoint()?.Metadata.GetMetadata<LargeBodies>() is null ? limits.MaxRequestBodyBytes : limits.MaxLargeRequestBodyBytes;
            if (context.Request.ContentLength > max)
                return ErrorCatalogue.PayloadTooLarge.AsResult().ExecuteAsync(context);

            // Kestrel itself holds a body to its announced length; one without must be counted. Of each it must be known whether it was read.
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
                context.Request.Body = new CountedBody(context.Request.Body, max);

            return next(context);
        });
    }

    private sealed class LargeBodies
    {
        public static readonly LargeBodies AreTaken = new();
    }
}
