using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Endpoint metadata: the route's name in spans and metrics (<c>http.route</c>), without ASP.NET Core's marks:
/// <c>/api/data/{key}</c> for <c>/api/data/{**key}</c>.
/// </summary>
/// <param name="template">The route's template.</param>
public sealed class RouteName(string template) : IRouteDiagnosticsMetadata
{
    /// <inheritdoc/>
    public string Route { get; } = template.Replace("{*", "{", StringComparison.Ordinal).Replace("{*", "{", StringComparison.Ordinal);
}

/// <summary>Names routes.</summary>
public static class RouteNames
{
    /// <summary>Names an endpoint by its template, without the marks of ASP.NET Core.</summary>
    public static TBuilder WithRouteName<TBuilder>(this TBuilder endpoint, string template)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RouteName(template));
}
