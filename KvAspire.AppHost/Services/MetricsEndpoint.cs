using KvAspire.Hosting.Ports;
using Microsoft.Extensions.Configuration;

namespace KvAspire.AppHost.Services;

/// <summary>With <c>--Metrics=true</c> every replica serves <c>/metrics</c> to Prometheus, on an endpoint of its own.</summary>
internal static class MetricsEndpoint
{
    /// <summary>The endpoint's name.</summary>
    public const string Name = "metrics";

    /// <summary>Adds the endpoint. The first replica has the port <c>Ports:Metrics:{service}</c>, the others have free ports.</summary>
    public static IResourceBuilder<ProjectResource> WithMetrics(this IResourceBuilder<ProjectResource> replica, string service)
    {
        var (builder, settings) = (replica.ApplicationBuilder, replica.ApplicationBuilder.Configuration);
        if (!settings.GetValue("Metrics", false))
            return replica;

        var port = replica.Resource.Name == service ? builder.PortOrFree(settings.GetValue<int?>($"Ports:Metrics:{service}")) : null;
        return replica
            .WithHttpEndpoint(port, port, Name, env: "Metrics__Port", isProxied: false)
            .WithEndpointsInEnvironment(endpoint => endpoint.Name != Name) // else ASPNETCORE_URLS would name it
            .WithUrlForEndpoint(Name, url => (url.Url, url.DisplayText) = ("/metrics", Name));
    }
}
