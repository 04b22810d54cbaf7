using KvAspire.Gateway.Limits;
using KvAspire.Gateway.Routing;

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
        pipeline.Use(async (context, next) =>
        {
            var route = context.GetReverseProxyFeature().Route.Config;
            if (route.Timeout is null || PublicRoutes.AreAlwaysOpen.Contains(route.RouteId))
            {
                await next(context);
                return;
            }

            var service = route.ClusterId!;
            var gate = gates.Of(service);
            if (!await gate.TryEnterAsync(Requester.Of(context), context))
            {
                await (await gates.RefuseAsync(service, context)).ExecuteAsync(context);
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
        });
    }
}
