using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Ports;

namespace Aspire.Hosting.Proxy;

/// <summary>
/// The public ports that no process listens on itself: those of replicas, and those that differ from the process's own port.
/// They stay open from the first start of the resource to the end of the AppHost.
/// </summary>
internal sealed class ReplicaProxies(TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<EndpointAnnotation, Lazy<Task<TcpBalancer>>> _open = new();

    /// <summary>Opens the resource's public ports, unless they are.</summary>
    public async Task OpenAsync(IResource resource, IReadOnlyList<ResourceInstance> instances, CancellationToken cancellation)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            int[] targets = [.. instances.Select(i => i.TargetPorts[endpoint])];
            var port = endpoint.AllocatedEndpoint!.Port;
            if (targets is [var only] && only == port)
                continue;

            var opening = _open.GetOrAdd(endpoint, e => new(() => OpenAsync(resource, e, port, targets, cancellation)));
            try
            {
                await opening.Value;
            }
            catch
            {
                _open.TryRemove(new(endpoint, opening)); // The next start tries again.
                throw;
            }
        }
    }

    public void Dispose()
    {
        foreach (var opening in _open.Values.Where(o => o.IsValueCreated && o.Value.IsCompletedSuccessfully))
            opening.Value.GetAwaiter().GetResult().Dispose();
    }

    private async Task<TcpBalancer> OpenAsync(
        IResource resource, EndpointAnnotation endpoint, int port, int[] targets, CancellationToken cancellation)
    {
        await PortGuard.RequireFreeAsync(resource, endpoint, port, clock, cancellation);
        return new TcpBalancer(endpoint.TargetHost == "localhost", port, targets);
    }
}
