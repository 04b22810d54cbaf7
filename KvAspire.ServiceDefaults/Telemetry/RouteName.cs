using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Endpoint metadata: the route's name in spans and metrics (<c>http.route</c>), without ASP.NET Core's marks:
/// <c>/api/data/{key}</c> for <c>/api/data/{**key}</c>, and <c>/api/data</c> for a group's <c>/api/data/</c>.
/// </summary>
/// <param name="template">The route's template.</param>
public sealed class RouteName(string template) : IRouteDiagnosticsMetadata
{
    /// <inheritdoc/>
    public string Route { get; } = template.Length > 1
        ? template.Replace("{*", "{", StringComparison.Ordinal).Replace("{*", "{", StringComparison.Ordinal).TrimEnd('/')
        : template;
}

/// <summary>Names routes.</summary>
public static class RouteNames
{
    /// <summary>Names an endpoint by its template, without the marks of ASP.NET Core.</summary>
    public static TBuilder WithRouteName<TBuilder>(this TBuilder endpoint, string template)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RouteName(template));

    /// <summary>Names an endpoint by its own template.</summary>
    public static TBuilder WithRouteName<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Finally(builder => builder.Metadata.Add(new RouteName(((RouteEndpointBuilder)builder).RoutePattern.RawText!)));
        return endpoint;
    }
}
