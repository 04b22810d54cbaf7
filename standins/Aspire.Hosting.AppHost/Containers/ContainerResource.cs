using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>
    /// What the real package runs as a container. Here, Postgres and Redis run as processes of this machine, and containers of
    /// one's own are refused.
    /// </summary>
    public class ContainerResource(string name, string? entrypoint = null) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
    {
        public string? Entrypoint { get; set; } = entrypoint;
    }
}

namespace Aspire.Hosting
{
    /// <summary>Refuses containers, in one sentence.</summary>
    public static class ContainerResourceBuilderExtensions
    {
        public static IResourceBuilder<ContainerResource> AddContainer(
            this IDistributedApplicationBuilder builder, string name, string image) => throw Refusal(name);

        public static IResourceBuilder<ContainerResource> AddContainer(
            this IDistributedApplicationBuilder builder, string name, string image, string tag) => throw Refusal(name);

        public static IResourceBuilder<ContainerResource> AddDockerfile(
            this IDistributedApplicationBuilder builder,
            string name,
            string contextPath,
            string? dockerfilePath = null,
            string? stage = null) => throw Refusal(name);

        private static DistributedApplicationException Refusal(string name) => new(
            $"'{name}' is a container, which the hosting stand-in cannot run: build with -p:UseStandIns=false on a feed that has Aspire, "
            + "with a container engine installed.");
    }
}
