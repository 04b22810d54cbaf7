using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health
{
    /// <summary>Healthy: the process answers the path with the status. Each replica is asked itself, not through the proxy.</summary>
    internal sealed class HttpHealthCheck(IHttpClientFactory clients, EndpointReference endpoint, string path, int status)
        : IHealthCheck
    {
        public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var port = ResourceInstance.Current is { } instance && instance.Resource == endpoint.Resource
                ? instance.TargetPorts[endpoint.EndpointAnnotation]
                : endpoint.Port;
            var url = new UriBuilder(endpoint.Scheme, endpoint.Host, port).Uri;
            try
            {
                using var client = clients.CreateClient("health");
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, path));
                if (endpoint.EndpointAnnotation.Transport == "http2")
                    (request.Version, request.VersionPolicy) = (new Version(2, 0), HttpVersionPolicy.RequestVersionExact);
                using var answer = await client.SendAsync(request, cancellationToken);
                return (int)answer.StatusCode == status
                    ? HealthCheckResult.Healthy()
                    : HealthCheckResult.Unhealthy($"{request.RequestUri} answers {(int)answer.StatusCode}, not {status}.");
            }
            catch (HttpRequestException e)
            {
                return HealthCheckResult.Unhealthy(e.Message, e);
            }
        }
    }
}

namespace Aspire.Hosting
{
    public static partial class ResourceBuilderExtensions
    {
        /// <summary>Adds a health check: a GET of the path must be answered with the status (200).</summary>
        public static IResourceBuilder<T> WithHttpHealthCheck<T>(
            this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
            where T : IResourceWithEndpoints =>
            builder.WithHttpHealthCheck(() => HttpEndpoint(builder.Resource, endpointName), path, statusCode);

        public static IResourceBuilder<T> WithHttpHealthCheck<T>(
            this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
            where T : IResourceWithEndpoints
        {
            var endpoint = (endpointSelector ?? (() => HttpEndpoint(builder.Resource, name: null)))();
            var (asked, expected) = (path ?? "/", statusCode ?? 200);
            var key = string.Create(CultureInfo.InvariantCulture, $"{builder.Resource.Name}_{endpoint.EndpointName}_{asked}_{expected}_check");
            builder.ApplicationBuilder.Services.AddHealthChecks().Add(new(
                key,
                services => new HttpHealthCheck(services.GetRequiredService<IHttpClientFactory>(), endpoint, asked, expected),
                failureStatus: null,
                tags: null,
                HttpHealthCheck.Timeout));
            return builder.WithHealthCheck(key);
        }

        private static EndpointReference HttpEndpoint(IResourceWithEndpoints resource, string? name)
        {
            var endpoints = resource.GetEndpoints().Where(e => e.Scheme is "http" or "https").ToArray();
            return endpoints.FirstOrDefault(e => name is null || ResourceName.Comparer.Equals(e.EndpointName, name))
                ?? throw new DistributedApplicationException(
                    $"Could not create HTTP health check for resource '{resource.Name}' as the endpoint with name "
                    + $"'{name ?? "http"}' and scheme 'http' does not exist.");
        }
    }
}
