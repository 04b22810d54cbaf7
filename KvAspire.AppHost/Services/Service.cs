using KvAspire.Hosting.Ports;
using Microsoft.Extensions.Configuration;

namespace KvAspire.AppHost.Services;

/// <summary>
/// A service as <c>Replicas:{name}</c> resources with an address each: <c>data</c>, <c>data-2</c>, … HTTP/2 callers can then
/// balance requests and see which replica is lost; a single address would pin each connection to one replica.
/// </summary>
/// <param name="Name">The name for service discovery: <c>services__{name}__…</c>.</param>
/// <param name="Replicas">At least one. The first has the port <c>Ports:{name}</c>, the others have free ports.</param>
internal sealed record Service(string Name, IReadOnlyList<IResourceBuilder<ProjectResource>> Replicas)
{
    public void Each(Action<IResourceBuilder<ProjectResource>> describe)
    {
        foreach (var replica in Replicas)
            describe(replica);
    }
}

internal static class ServiceExtensions
{
    /// <summary>Adds the replicas of a service. Each runs its built program, without the orchestrator's proxy.</summary>
    public static Service AddService<TProject>(this IDistributedApplicationBuilder builder, string name, string icon)
        where TProject : IProjectMetadata, new()
    {
        var (replicas, port) = (builder.Configuration.GetValue($"Replicas:{name}", 1), builder.PortOrFree(builder.Configuration.GetValue<int?>($"Ports:{name}")));
        if (replicas is < 1 or > 32)
            throw new DistributedApplicationException($"Replicas:{name} must be 1 to 32.");

        return new(name, [.. Enumerable.Range(1, replicas).Select(number => builder
            .AddProject<TProject>(number is 1 ? name : $"{name}-{number}")
            .AsBuilt()
            .WithOwnPort("http", number is 1 ? port : null)
            .WithOwnPort("h2c", port: null)
            .WithMetrics(name)
            .WithIconName(icon)
            .WithLinks()
            .WithReadiness("http", "/health"))]);
    }

    /// <summary>Gives a consumer the addresses of all replicas, in the form of .NET's service discovery.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> consumer, Service service)
    {
        for (var number = 0; number < service.Replicas.Count; number++)
        {
            var replica = service.Replicas[number];
            foreach (var endpoint in replica.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name).Where(name => name != MetricsEndpoint.Name))
                consumer.WithEnvironment($"services__{service.Name}__{endpoint}__{number}", replica.GetEndpoint(endpoint));
            consumer.WithReferenceRelationship(replica);
        }

        return consumer;
    }

    // Only endpoints that the project's Kestrel settings name: a gateway has no h2c.
    private static IResourceBuilder<ProjectResource> WithOwnPort(this IResourceBuilder<ProjectResource> replica, string endpoint, int? port) =>
        replica.WithEndpoint(endpoint, own => (own.Port, own.TargetPort, own.IsProxied) = (port, port, false), createIfNotExists: false);
}
