using KvAspire.Gateway.RateLimits;
using KvAspire.Gateway.Routing;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Gateway.Overload;

/// <summary>
/// Refuses early, with 503 and <c>Retry-After</c>, what a service could not answer in good time: what it has taken on it
/// finishes at the pace it always has. Signing out passes always, and a stream, of which the data service bounds the number.
/// </summary>
internal static class OverloadRegistration
{
    public static WebApplicationBuilder AddOverload(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OverloadOptions>().BindConfiguration(OverloadOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<BackendGates>();
        return builder;
    }

    public static void UseOverload(this IApplicationBuilder pipeline)
    {
        var gates = pipeline.ApplicationServices.GetRequiredService<BackendGates>();
        pipeline.Use((context, next) =>
        {
            var route = context.GetReverseProxyFeature().Route.Config;
            if (route.Timeout is null || PublicRoutes.AreAlwaysOpen.Contains(route.RouteId))
                return next(context);

            var gate = gates.Of(route.ClusterId!);
            var entry = gate.TryEnterAsync(Requester.Of(context), context.RequestAborted);
            return GoOnAsync(entry, gate, context, next);
        });

        async Task GoOnAsync(ValueTask<bool> entry, BackendGate gate, HttpContext context, RequestDelegate next)
        {
            if (!await entry)
            {
                gates.Refused(context.GetReverseProxyFeature().Cluster.Config.ClusterId);
                await ErrorCatalogue.Unavailable.AsResult().ExecuteAsync(context);
                return;
            }

            try
            {
                await next(context);
            }
            finally
            {
                gate.Leave();
            }
        }
    }
}
