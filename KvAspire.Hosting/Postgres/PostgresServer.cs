namespace KvAspire.Hosting.Postgres;

/// <summary>
/// A Postgres server, either as Aspire's container (<see cref="PostgresServerResource"/>) or as a program of this
/// machine (<see cref="PostgresProgramResource"/>). Only that resource is in the application model; this type stands for it, as
/// Aspire's Azure resources stand for their emulators.
/// </summary>
public sealed class PostgresServer : IResourceWithConnectionString
{
    private readonly IResourceWithConnectionString resource;

    internal PostgresServer(IResourceBuilder<PostgresServerResource> container) => (Container, resource) = (container, container.Resource);

    internal PostgresServer(IResourceBuilder<PostgresProgramResource> program) => (Program, resource) = (program, program.Resource);

    /// <inheritdoc/>
    public string Name => resource.Name;

    /// <inheritdoc/>
    public ResourceAnnotationCollection Annotations => resource.Annotations;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => resource.ConnectionStringExpression;

    internal IResourceBuilder<PostgresServerResource>? Container { get; }

    internal IResourceBuilder<PostgresProgramResource>? Program { get; }
}
