using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The addresses of a resource whose endpoints have their ports.</summary>
internal static class ResourceUrls
{
    public static ImmutableArray<UrlSnapshot> Of(IResource resource)
    {
        var urls = resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.AllocatedEndpoint is not null)
            .Select(endpoint => Url(resource, endpoint));
        var others = resource.Annotations.OfType<ResourceUrlAnnotation>()
            .Select(url => new UrlSnapshot(url.DisplayText, url.Url, IsInternal: false));
        return [.. urls, .. others];
    }

    private static UrlSnapshot Url(IResource resource, EndpointAnnotation endpoint)
    {
        var url = new ResourceUrlAnnotation
        {
            Url = endpoint.AllocatedEndpoint!.UriString,
            Endpoint = new EndpointReference((IResourceWithEndpoints)resource, endpoint),
        };
        foreach (var change in resource.Annotations.OfType<EndpointUrlCallbackAnnotation>())
        {
            if (ResourceName.Comparer.Equals(change.EndpointName, endpoint.Name))
                change.Callback(url);
        }

        // What only other services call is of no use to a person.
        return new UrlSnapshot(endpoint.Name, url.Url, IsInternal: endpoint.Transport == "http2");
    }
}
