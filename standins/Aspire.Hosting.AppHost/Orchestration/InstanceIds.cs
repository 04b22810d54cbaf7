using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

internal static class InstanceIds
{
    /// <summary>The resource's name; with replicas, <c>name-1</c>, <c>name-2</c>, …</summary>
    public static IEnumerable<string> Of(IResource resource)
    {
        var replicas = resource.GetReplicaCount();
        return replicas == 1 ? [resource.Name] : Enumerable.Range(1, replicas).Select(n => $"{resource.Name}-{n}");
    }
}
