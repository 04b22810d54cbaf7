using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>An address of a resource, as it is shown.</summary>
    public sealed class ResourceUrlAnnotation : IResourceAnnotation
    {
        public required string Url { get; set; }

        public string? DisplayText { get; set; }

        public EndpointReference? Endpoint { get; init; }
    }

    /// <summary>Changes how the address of one endpoint is shown, once it is known.</summary>
    internal sealed class EndpointUrlCallbackAnnotation(string endpointName, Action<ResourceUrlAnnotation> callback)
        : IResourceAnnotation
    {
        public string EndpointName { get; } = endpointName;

        public Action<ResourceUrlAnnotation> Callback { get; } = callback;
    }
}

namespace Aspire.Hosting
{
    public static partial class ResourceBuilderExtensions
    {
        public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null)
            where T : IResource => builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });

        public static IResourceBuilder<T> WithUrlForEndpoint<T>(
            this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
            where T : IResource => builder.WithAnnotation(new EndpointUrlCallbackAnnotation(endpointName, callback));
    }
}
