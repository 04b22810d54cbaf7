using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>The key of a health check that tells whether the resource is healthy.</summary>
    public class HealthCheckAnnotation(string key) : IResourceAnnotation
    {
        public string Key { get; } = key;
    }
}

namespace Aspire.Hosting
{
    public static partial class ResourceBuilderExtensions
    {
        /// <summary>Ties a health check, registered under that key, to the resource.</summary>
        public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource =>
            builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(a => a.Key == key)
                ? throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has the health check '{key}'.")
                : builder.WithAnnotation(new HealthCheckAnnotation(key));
    }
}
