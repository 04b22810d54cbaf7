using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Takes a replica out of rotation at the first broken connection, and back in at the first success or after
/// <c>ReactivationPeriod</c>. One failure is enough: a wrong decision costs little.
/// </summary>
internal sealed class LostReplicas(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "LostReplicas";

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        var error = context.RequestAborted.IsCancellationRequested ? null : context.Features.Get<IForwarderErrorFeature>();
        if (error?.ConnectionBroke() == true)
            Lose(cluster, destination);
        else if (error is null && destination.Health.Passive is DestinationHealth.Unhealthy)
            health.SetPassive(cluster, destination, DestinationHealth.Healthy, TimeSpan.Zero);
    }

    public void Lose(ClusterState cluster, DestinationState destination)
    {
        var period = cluster.Model.Config.HealthCheck!.Passive!.ReactivationPeriod!.Value;
        health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, period);
    }
}
