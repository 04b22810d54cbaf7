namespace KvAspire.Hosting.Postgres;

/// <summary>
/// A Postgres server, either as Aspire's container (<see cref="PostgresServerResource"/>) or as a program of this
/// machine (<see cref="PostgresProgramResource"/>). Only that resource is in the application model; this type stands for it, as
/// Aspire's Azure resources stand for their emulators.
/// </summary>
public sealed class PostgresServer : IResourceWithConnectionString
{
    private readonly IResourceWithConnectionString resource;

    internal PostgresServer(IResourceBuilder<PostgresServerResource> container)
    {
        (Container, resource) = (container, container.Resource);
        Address = AddressOf(container.Resource.PrimaryEndpoint, EndpointProperty.Host);
    }

    internal PostgresServer(IResourceBuilder<PostgresProgramResource> program)
    {
        (Program, resource) = (program, program.Resource);
        Address = AddressOf(program.Resource.PrimaryEndpoint, EndpointProperty.IPV4Host);
    }

    /// <inheritdoc/>
    public string Name => resource.Name;

    /// <inheritdoc/>
    public ResourceAnnotationCollection Annotations => resource.Annotations;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => resource.ConnectionStringExpression;

    /// <summary>The part of a connection string that says where the server is.</summary>
    internal ReferenceExpression Address { get; }

    internal IResourceBuilder<PostgresServerResource>? Container { get; }

    internal IResourceBuilder<PostgresProgramResource>? Program { get; }

    private static ReferenceExpression AddressOf(EndpointReference endpoint, EndpointProperty host) =>
        ReferenceExpression.Create($"Host={endpoint.Property(host)};Port={endpoint.Property(EndpointProperty.Port)}");
}
