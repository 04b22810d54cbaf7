namespace KvAspire.Hosting.Postgres;

/// <summary>A database of a <see cref="PostgresProgramResource"/>.</summary>
public sealed class PostgresProgramDatabaseResource(string name, PostgresProgramResource parent)
    : Resource(name), IResourceWithParent<PostgresProgramResource>, IResourceWithConnectionString
{
    /// <inheritdoc/>
    public PostgresProgramResource Parent => parent;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={Name}");
}
