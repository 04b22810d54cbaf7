using KvAspire.Hosting.Programs;

namespace KvAspire.AppHost.Services;

/// <summary>Health checks of services over HTTP.</summary>
internal static class Readiness
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>As <c>WithHttpHealthCheck</c>, but repeats failed requests at once while the service starts.</summary>
    public static IResourceBuilder<ProjectResource> WithReadiness(this IResourceBuilder<ProjectResource> service, string endpoint, string path)
    {
        var address = service.GetEndpoint(endpoint);
        return service.WithPatientHealthCheck(
            $"{service.Resource.Name}_{endpoint}_{path.Trim('/')}", cancellationToken => AskAsync(address, path, cancellationToken));
    }

    private static async Task AskAsync(EndpointReference address, string path, CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(new Uri(new Uri(address.Url), path), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
