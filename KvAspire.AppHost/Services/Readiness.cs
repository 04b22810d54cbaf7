using System.Text.Json;
using KvAspire.Hosting.Programs;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.AppHost.Services;

/// <summary>Health checks of services over HTTP.</summary>
internal static class Readiness
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>
    /// As <c>WithHttpHealthCheck</c>, but repeats failed requests at once while the service starts, and shows in the dashboard
    /// whether the service is degraded, and by which of its checks.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithReadiness(this IResourceBuilder<ProjectResource> service, string endpoint, string path)
    {
        var address = service.GetEndpoint(endpoint);
        return service.WithPatientHealthCheck(
            $"{service.Resource.Name}_{endpoint}_{path.Trim('/')}", cancellationToken => AskAsync(address, path, cancellationToken));
    }

    private static async Task<HealthCheckResult> AskAsync(EndpointReference address, string path, CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(new Uri(new Uri(address.Url), path), cancellationToken);
        return ResultOf(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>The result that an answer of <c>/health</c> stands for.</summary>
    internal static HealthCheckResult ResultOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var reports = document.RootElement.GetProperty("checks").EnumerateObject()
            .ToDictionary(check => check.Name, check => (Status: StatusOf(check.Value), Description: DescriptionOf(check.Value)));
        var ailing = reports.Where(check => check.Value.Status is not HealthStatus.Healthy)
            .Select(check => $"{check.Key} is {check.Value.Status.ToString().ToLowerInvariant()}: {check.Value.Description}");
        return new(
            StatusOf(document.RootElement), string.Join(' ', ailing),
            data: reports.ToDictionary(check => check.Key, check => (object)check.Value.Status.ToString()));
    }

    private static string? DescriptionOf(JsonElement check) => check.TryGetProperty("description", out var text) ? text.GetString() : null;

    private static HealthStatus StatusOf(JsonElement element) => element.GetProperty("status").GetString() switch
    {
        "healthy" => HealthStatus.Healthy,
        "degraded" => HealthStatus.Degraded,
        _ => HealthStatus.Unhealthy,
    };
}
