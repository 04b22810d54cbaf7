using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Ports;

/// <summary>Gives every endpoint its public port, and every process the ports that it listens on. They last until the end.</summary>
internal sealed class EndpointAllocator(RunOptions run) : IDisposable
{
    private readonly List<PortLease> _leases = [];

    public void Allocate(IResource resource, IReadOnlyList<ResourceInstance> instances)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var wanted = run.RandomizePorts ? null : endpoint.Port is 0 ? null : endpoint.Port;
            var replicated = instances.Count > 1;
            var port = wanted ?? (replicated ? null : endpoint.TargetPort) ?? Lease();
            foreach (var instance in instances)
                instance.TargetPorts[endpoint] = replicated ? Lease() : endpoint.TargetPort ?? port;

            endpoint.AllocatedEndpoint = new(endpoint, "localhost", port);
        }
    }

    public void Dispose()
    {
        foreach (var lease in _leases)
            lease.Dispose();
    }

    private int Lease()
    {
        var lease = PortLease.Take();
        _leases.Add(lease);
        return lease.Port;
    }
}
