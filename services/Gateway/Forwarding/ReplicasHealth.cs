using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Whether the replicas of a service answer, by what the gateway knows of them. A lost service degrades the gateway and no more:
/// all gateways see the same loss, and a load balancer would take all of them away from the services that are left.
/// </summary>
internal sealed class ReplicasHealth(IProxyStateLookup proxy, string service) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        proxy.TryGetCluster(service, out var cluster);
        var replicas = cluster?.DestinationsState.AllDestinations ?? [];
        return Task.FromResult(replicas.Count(IsLost) switch
        {
            0 => HealthCheckResult.Healthy(),
            var lost when lost < replicas.Count => HealthCheckResult.Degraded($"Not every replica of the {service} service answers."),
            _ => HealthCheckResult.Degraded($"No replica of the {service} service answers."),
        });
    }

    private static bool IsLost(DestinationState replica) =>
        replica.Health.Active is DestinationHealth.Unhealthy || replica.Health.Passive is DestinationHealth.Unhealthy;
}

internal static class ReplicasHealthSetup
{
    /// <summary>Adds a check for each service, with the service's name.</summary>
    public static void AddReplicasHealth(this IServiceCollection services, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            services.AddHealthChecks().Add(new(
                name, provider => new ReplicasHealth(provider.GetRequiredService<IProxyStateLookup>(), name), failureStatus: null, tags: null));
        }
    }
}
