using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Testing;

/// <summary>Reaches the resources of an application that has been started.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client for the endpoint; without a name, for <c>https</c> or else <c>http</c>.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = default)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = default)
    {
        var resource = Find<IResourceWithEndpoints>(app, resourceName, "has no endpoints");
        string[] wanted = string.IsNullOrEmpty(endpointName) ? ["https", "http"] : [endpointName];
        var endpoint = wanted.Select(resource.GetEndpoint).FirstOrDefault(e => e.IsAllocated) ?? throw new ArgumentException(
            $"Endpoint '{endpointName}' for resource '{resourceName}' not found.", nameof(endpointName));
        return new Uri(endpoint.Url);
    }

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find<IResourceWithConnectionString>(app, resourceName, "has no connection string").GetConnectionStringAsync(cancellationToken);

    private static T Find<T>(DistributedApplication app, string name, string otherwise) where T : IResource
    {
        var model = app.Services.GetRequiredService<DistributedApplicationModel>();
        return !model.Resources.TryGetByName(name, out var resource)
            ? throw new ArgumentException($"Resource '{name}' not found.", nameof(name))
            : resource is T found ? found : throw new ArgumentException($"Resource '{name}' {otherwise}.", nameof(name));
    }
}
