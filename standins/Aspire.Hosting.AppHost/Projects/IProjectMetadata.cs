using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>Where a project lies. The build of the AppHost writes a class for each project that it references.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }

        bool SuppressBuild => false;

        LaunchSettings? LaunchSettings => null;
    }

    /// <summary>Only of the stand-in: a project together with what was built of it, so that nobody has to ask MSBuild.</summary>
    public interface IBuiltProject : IProjectMetadata
    {
        /// <summary>The assembly that was built together with the AppHost.</summary>
        string TargetPath { get; }
    }

    /// <summary>A resource that others find by its name.</summary>
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    /// <summary>What of a project's own settings is used.</summary>
    public class ProjectResourceOptions
    {
        public string? LaunchProfileName { get; set; }

        public bool ExcludeLaunchProfile { get; set; }

        public bool ExcludeKestrelEndpoints { get; set; }
    }

    internal sealed class ProjectMetadata(string path) : IProjectMetadata
    {
        public string ProjectPath { get; } = path;
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A .NET project of this solution, run as a process.</summary>
    public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs,
        IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource
    {
        /// <summary>Whether the project's Kestrel configuration has endpoints; then Kestrel listens on those alone.</summary>
        internal bool HasKestrelEndpoints =>
            Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.KestrelHost is not null);
    }

    /// <summary>Finds the projects.</summary>
    public static class ProjectResourceExtensions
    {
        public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource) =>
            projectResource.Annotations.OfType<IProjectMetadata>().Single();

        public static IEnumerable<ProjectResource> GetProjectResources(this DistributedApplicationModel model) =>
            model.Resources.OfType<ProjectResource>();
    }
}
