using System.Collections.Concurrent;
using KvAspire.Gateway.Forwarding;
using KvAspire.Gateway.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Batches;

/// <summary>The lanes for one kind of request to the replicas of the data service.</summary>
internal sealed class Lanes<TAnswer>(BatchKind<TAnswer> kind, IProxyStateLookup proxy, LostReplicas lostReplicas, ILogger<Lanes<TAnswer>> logger)
{
    private readonly ConcurrentDictionary<DestinationState, Lane<TAnswer>> lanes = new();

    /// <summary>The lane to a healthy replica with the fewest on it; null where no replica is.</summary>
    public Lane<TAnswer>? Least()
    {
        if (!proxy.TryGetCluster(PublicRoutes.Data, out var cluster))
            return null;

        Lane<TAnswer>? least = null;
        foreach (var destination in cluster.DestinationsState.AvailableDestinations)
        {
            var lane = lanes.TryGetValue(destination, out var known) ? known
                : lanes.GetOrAdd(destination, new Lane<TAnswer>(kind, cluster, destination, lostReplicas, logger));
            if (least is null || lane.Load < least.Load)
                least = lane;
        }

        return least;
    }
}
