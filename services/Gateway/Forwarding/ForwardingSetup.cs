using KvAspire.Gateway.Admission.Budgets;
using KvAspire.Gateway.Edge.Framing;
using KvAspire.Gateway.Edge.Targets;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace KvAspire.Gateway.Forwarding;

/// <summary>Forwards each public route to a healthy replica of its service.</summary>
internal static class ForwardingSetup
{
    public static WebApplicationBuilder AddForwarding(this WebApplicationBuilder builder, IReadOnlyList<PublicRoute> rows)
    {
        var routes = new RouteTable(builder.Configuration, rows);
        string[] services = [.. routes.All.Select(route => route.Service).Distinct()];
        builder.Services.AddReplicasHealth(services);
        builder.Services.AddSingleton(routes).AddRequestTimeouts();
        builder.Services.AddSingleton(new OAuthErrors(routes.All.Where(route => route.HasOAuthErrors).Select(route => route.Path)));
        builder.Services.AddInstruments<ForwardingMetrics>();
        builder.Services.AddSingleton<LostReplicas>()
            .AddSingleton<IPassiveHealthCheckPolicy>(services => services.GetRequiredService<LostReplicas>());
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                routes.ToForward(), [.. services.Select(service => ServiceClusters.FromConfiguration(builder.Configuration, service))])
            .ConfigureHttpClient((_, handler) => ServiceConnections.Configure(handler))
            .AddTransforms(transforms => transforms.AddRequestTransform(KeepTarget));
        return builder;
    }

    /// <summary>Maps the public routes. Each endpoint has its row of <see cref="PublicRoutes"/> as metadata.</summary>
    public static void MapForwarding(this WebApplication app)
    {
        var routes = app.Services.GetRequiredService<RouteTable>();
        app.UseForwardingFailures();
        app.UseRequestTimeouts(); // inside, so that UseForwardingFailures tells a client's abort from a timeout
        app.MapReverseProxy(pipeline =>
        {
            pipeline.UseLimitedBodies();
            pipeline.UseStreamDrain();
            pipeline.UseIdempotentWrites();
            pipeline.UseReplicaFailover();
            pipeline.UseLoadBalancing();
            pipeline.UsePassiveHealthChecks();
        }).ConfigureEndpoints((endpoint, route) =>
            endpoint
                .WithMetadata(routes[route.RouteId], new EndpointBudget(routes[route.RouteId].Budget))
                .WithRouteName(routes[route.RouteId].Path));
    }

    // YARP decodes and encodes the path by default, which changes %2F and %25.
    private static ValueTask KeepTarget(RequestTransformContext context)
    {
        var uri = context.DestinationPrefix.TrimEnd('/') + StrictTargets.Of(context.HttpContext);
        context.ProxyRequest.RequestUri = new Uri(uri, Unchanged);
        return ValueTask.CompletedTask;
    }

    // "Dangerous" for unchecked text. StrictTargets has checked this one.
    private static readonly UriCreationOptions Unchanged = new() { DangerousDisablePathAndQueryCanonicalization = true };
}
