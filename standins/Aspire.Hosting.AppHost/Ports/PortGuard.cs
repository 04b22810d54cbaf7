using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Ports;

/// <summary>Sees to it that the ports of a process are free before it starts: nobody reads a bind error in a log.</summary>
internal static class PortGuard
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    public static async Task RequireFreeAsync(ResourceInstance instance, TimeProvider clock, CancellationToken cancellation)
    {
        foreach (var (endpoint, port) in instance.TargetPorts)
            await RequireFreeAsync(instance.Resource, endpoint, port, clock, cancellation);
    }

    /// <summary>A process that has just been killed may hold its port a moment longer, hence the patience.</summary>
    public static async Task RequireFreeAsync(
        IResource resource, EndpointAnnotation endpoint, int port, TimeProvider clock, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        while (!PortLease.IsFree(port))
        {
            if (clock.GetElapsedTime(start) > _patience)
                throw new DistributedApplicationException(Sentence(resource, endpoint, port));
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellation);
        }
    }

    private static string Sentence(IResource resource, EndpointAnnotation endpoint, int port)
    {
        var who = PortHolder.Find(port) is { } holder ? $" by {holder}" : "";
        return $"Port {port}, which '{resource.Name}' needs for its endpoint '{endpoint.Name}', is taken{who}: stop that, or choose "
            + $"another port with the setting Ports:{char.ToUpperInvariant(resource.Name[0])}{resource.Name[1..]}.";
    }
}
