using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Requests that recur every few seconds and tell nothing: health probes, scrapes of metrics, polls between services. They are
/// never recorded, nor what they cause.
/// </summary>
public static class UntracedRequests
{
    /// <summary>Marks an endpoint whose requests are never recorded, not even failures: the caller logs those.</summary>
    public static TBuilder WithoutTraces<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Untraced.Mark);

    // The path tells before routing, so that child spans are dropped as well.
    internal static bool ByPath(HttpContext context) => context.Request.Path.Value is "/health" or "/alive" or "/metrics";

    internal static bool Contain(HttpContext context) =>
        ByPath(context) || EndpointOf(context)?.Metadata.GetMetadata<Untraced>() is not null;

    // The handler of exceptions takes the endpoint away.
    internal static Endpoint? EndpointOf(HttpContext context) =>
        context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;

    private sealed class Untraced
    {
        public static readonly Untraced Mark = new();
    }
}
