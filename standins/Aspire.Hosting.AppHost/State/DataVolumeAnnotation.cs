using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.State;

/// <summary>The resource keeps its data, in a folder of that name inside the AppHost's state folder.</summary>
internal sealed class DataVolumeAnnotation(string name) : IResourceAnnotation
{
    public string Name { get; } = name;
}
