using KvAspire.Gateway.Overload;
using KvAspire.Gateway.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace KvAspire.Gateway.Forwarding;

/// <summary>Forwards each route to a healthy replica of its service.</summary>
internal static class ForwardingRegistration
{
    public static WebApplicationBuilder AddForwarding(this WebApplicationBuilder builder, IReadOnlyList<RouteConfig> routes)
    {
        var services = routes.Select(route => route.ClusterId!).Distinct();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddSingleton<LostReplicas>().AddSingleton<IPassiveHealthCheckPolicy>(services => services.GetRequiredService<LostReplicas>());
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                [.. routes.Select(route => WithTimeout(route, builder.Configuration))],
                [.. services.Select(service => ServiceClusters.FromConfiguration(builder.Configuration, service))])
            .ConfigureHttpClient((_, handler) => Connections.Configure(handler))
            .AddTransforms(transforms => transforms.AddRequestTransform(SendTheTargetAsItCame));
        return builder;
    }

    public static ReverseProxyConventionBuilder MapForwarding(this WebApplication app)
    {
        app.UseForwardingFailures();
        app.UseRequestTimeouts(); // after the failures: these must still know whether it was the client who gave up
        return app.MapReverseProxy(pipeline =>
        {
            pipeline.UseEndlessAnswers();
            pipeline.UseOverload();
            pipeline.UseRepeatableWrites();
            pipeline.UseOtherReplica();
            pipeline.UseLoadBalancing();
            pipeline.UsePassiveHealthChecks();
        });
    }

    // Timeouts:<route id> overrides what the table says.
    private static RouteConfig WithTimeout(RouteConfig route, IConfiguration configuration) =>
        route with { Timeout = configuration.GetValue($"Timeouts:{route.RouteId}", route.Timeout) };

    // By default the path is decoded and encoded again, which loses what the client meant by %2F or %25.
    private static ValueTask SendTheTargetAsItCame(RequestTransformContext context)
    {
        context.ProxyRequest.RequestUri = new Uri(context.DestinationPrefix.TrimEnd('/') + PlainTargets.Of(context.HttpContext), AsItIs);
        return ValueTask.CompletedTask;
    }

    // "Dangerous" for whoever passes on unchecked text; PlainTargets has checked this one.
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };
}
