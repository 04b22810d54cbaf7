using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>One process of a resource: the resource itself, or one of its replicas.</summary>
/// <param name="resource">What it is a process of.</param>
/// <param name="id">The name of the resource, followed by <c>-1</c>, <c>-2</c>, … where there are replicas.</param>
internal sealed class ResourceInstance(IResource resource, string id)
{
    private static readonly AsyncLocal<ResourceInstance?> _current = new();

    /// <summary>The instance whose arguments, environment or health are being worked out, if any.</summary>
    public static ResourceInstance? Current => _current.Value;

    public IResource Resource { get; } = resource;

    public string Id { get; } = id;

    /// <summary>Tells this process from every other one, also of other runs, in telemetry.</summary>
    public string Key { get; } = $"{id}-{Guid.NewGuid().ToString("n")[..8]}";

    /// <summary>Where this process listens, by endpoint.</summary>
    public Dictionary<EndpointAnnotation, int> TargetPorts { get; } = [];

    /// <summary>Makes this the current instance for the calling asynchronous flow.</summary>
    public void Enter() => _current.Value = this;
}
