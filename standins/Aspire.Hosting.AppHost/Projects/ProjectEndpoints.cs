using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting;

/// <summary>Makes endpoints of what a project's settings say about where it listens.</summary>
internal static class ProjectEndpoints
{
    /// <summary>A scheme's only endpoint is named after the scheme; where it has several, each keeps its own name.</summary>
    public static void WithKestrelEndpoints(this IResourceBuilder<ProjectResource> builder, KestrelConfiguration kestrel)
    {
        foreach (var ofScheme in kestrel.Endpoints.GroupBy(e => e.Address.Scheme))
        {
            var only = ofScheme.Count() == 1;
            foreach (var configured in ofScheme)
            {
                builder.WithEndpoint(only ? ofScheme.Key : configured.Name, endpoint =>
                {
                    Bind(endpoint, configured.Address, configured.Transport);
                    endpoint.KestrelHost = endpoint.TargetHost;
                });
            }
        }
    }

    /// <summary>The first URL of a scheme makes the endpoint <c>http</c>, the second <c>http2</c>, and so on.</summary>
    public static void WithLaunchUrls(
        this IResourceBuilder<ProjectResource> builder, LaunchProfile profile, KestrelConfiguration kestrel)
    {
        var counts = new Dictionary<string, int>();
        foreach (var url in profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var address = BindingAddress.Parse(url);
            var count = counts[address.Scheme] = counts.GetValueOrDefault(address.Scheme) + 1;
            builder.WithEndpoint(count == 1 ? address.Scheme : $"{address.Scheme}{count}", endpoint =>
            {
                Bind(endpoint, address, kestrel.Transport(protocols: null));
                endpoint.FromLaunchProfile = true;
            });
        }
    }

    private static void Bind(EndpointAnnotation endpoint, BindingAddress address, string? transport)
    {
        endpoint.Port = address.Port;
        endpoint.UriScheme = address.Scheme;
        endpoint.TargetHost = address.Host;
        if (transport is not null)
            endpoint.Transport = transport;
    }
}
