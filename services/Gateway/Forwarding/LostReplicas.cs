using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Takes a replica out of the rotation at the first request that could not be brought to it, and back in with the first
/// that could, or after a while to try again. One lost connection is enough: the cost of being wrong is small.
/// </summary>
internal sealed class LostReplicas(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "LostReplicas";

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        var error = context.RequestAborted.IsCancellationRequested ? null : context.Features.Get<IForwarderErrorFeature>();
        if (error?.BrokeAtTheService() == true)
            Lose(cluster, destination);
        else if (error is null && destination.Health.Passive is DestinationHealth.Unhealthy)
            health.SetPassive(cluster, destination, DestinationHealth.Healthy, TimeSpan.Zero);
    }

    /// <summary>Takes a replica out of the rotation, for a while or until a request is brought to it.</summary>
    public void Lose(ClusterState cluster, DestinationState destination) =>
        health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, cluster.Model.Config.HealthCheck!.Passive!.ReactivationPeriod!.Value);
}
