using System.Collections.Concurrent;
using KvAspire.Gateway.Forwarding;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.BatchedReads;

/// <summary>The lanes to the replicas of the data service.</summary>
internal sealed class ReadLanes(IProxyStateLookup proxy, LostReplicas lostReplicas, ILogger<ReadLane> logger)
{
    private const string Service = "data";

    private readonly ConcurrentDictionary<DestinationState, ReadLane> lanes = new();

    /// <summary>The lane to a healthy replica with the fewest on it; null where no replica is.</summary>
    public ReadLane? Least()
    {
        if (!proxy.TryGetCluster(Service, out var cluster))
            return null;

        ReadLane? least = null;
        foreach (var destination in cluster.DestinationsState.AvailableDestinations)
        {
            var lane = lanes.TryGetValue(destination, out var known) ? known
                : lanes.GetOrAdd(destination, new ReadLane(cluster, destination, lostReplicas, logger));
            if (least is null || lane.Load < least.Load)
                least = lane;
        }

        return least;
    }
}
