using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Injects the connection string, and its parts one by one.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);

            var prefix = EnvironmentVariableName.Encode(name).ToUpperInvariant();
            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{prefix}_{property.ToUpperInvariant()}"] = value;
        });
    }

    /// <summary>Injects the addresses of all endpoints, for service discovery by the resource's name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment =>
        builder.Discover(source.Resource, source.Resource.Name, prefixAsGiven: false, e => !e.ExcludeReferenceEndpoint);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment =>
        builder.Discover(source.Resource, name, prefixAsGiven: true, e => !e.ExcludeReferenceEndpoint);

    /// <summary>Injects the address of one endpoint.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment => builder.Discover(
        endpointReference.Resource,
        endpointReference.Resource.Name,
        prefixAsGiven: false,
        e => ResourceName.Comparer.Equals(e.EndpointName, endpointReference.EndpointName));

    /// <summary>Injects the address of a service that is none of the application's.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment => uri.IsAbsoluteUri
        ? builder.WithEnvironment($"services__{name}__default__0", uri.ToString())
        : throw new InvalidOperationException("The uri for service reference must be absolute.");

    private static IResourceBuilder<T> Discover<T>(
        this IResourceBuilder<T> builder,
        IResourceWithEndpoints source,
        string name,
        bool prefixAsGiven,
        Func<EndpointReference, bool> wanted)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            var prefix = EnvironmentVariableName.Encode(prefixAsGiven ? name : name.ToUpperInvariant());
            foreach (var endpoint in source.GetEndpoints().Where(wanted))
            {
                var own = EnvironmentVariableName.Encode(endpoint.EndpointName).ToUpperInvariant();
                context.EnvironmentVariables[$"{prefix}_{own}"] = endpoint;
                context.EnvironmentVariables[FreeKey(context, name, endpoint)] = endpoint;
            }
        });

    // An endpoint that is named after a scheme is found by the scheme that it has now.
    private static string FreeKey(EnvironmentCallbackContext context, string name, EndpointReference endpoint)
    {
        var part = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
        return Enumerable.Range(0, int.MaxValue)
            .Select(index => $"services__{name}__{part}__{index}")
            .First(key => !context.EnvironmentVariables.ContainsKey(key));
    }
}
