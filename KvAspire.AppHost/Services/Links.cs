namespace KvAspire.AppHost.Services;

/// <summary>The links of resources in the dashboard: what a browser can open, by its name. Addresses are in the details.</summary>
internal static class Links
{
    private const UrlDisplayLocation Details = UrlDisplayLocation.DetailsOnly;

    public static IResourceBuilder<ProjectResource> WithLinks(this IResourceBuilder<ProjectResource> service) => service
        .WithUrls(context =>
        {
            context.Urls.ForEach(url => url.DisplayLocation = Details);
            context.Urls.Add(Link(context.GetEndpoint("http")!, "/health", "Health"));
        });

    /// <summary>Adds what the gateway serves to people.</summary>
    /// <param name="gateway">A replica of the gateway.</param>
    /// <param name="shared">The public URL, where it is not that of the replica.</param>
    public static IResourceBuilder<ProjectResource> WithPublicLinks(this IResourceBuilder<ProjectResource> gateway, string? shared = null) => gateway
        .WithUrls(context =>
        {
            var own = context.GetEndpoint("http")!;
            context.Urls.Insert(0, Link(own, "/", "API", shared));
            context.Urls.Insert(1, Link(own, "/docs", "Docs", shared));
        });

    /// <summary>Shows the address of a server that speaks no HTTP.</summary>
    public static IResourceBuilder<T> WithoutLinks<T>(this IResourceBuilder<T> server)
        where T : IResource => server.WithUrls(context => context.Urls.ForEach(url => url.DisplayLocation = Details));

    private static ResourceUrlAnnotation Link(EndpointReference endpoint, string path, string name, string? address = null) =>
        new() { Url = new Uri(new Uri(address ?? endpoint.Url), path).ToString(), DisplayText = name, Endpoint = endpoint };
}
