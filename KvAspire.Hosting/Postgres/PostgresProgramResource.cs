using KvAspire.Hosting.Programs;

namespace KvAspire.Hosting.Postgres;

/// <summary>A Postgres server that runs as a program of this machine.</summary>
public sealed class PostgresProgramResource : ServerProgramResource
{
    internal const string UserName = "postgres";

    internal PostgresProgramResource(string name, ParameterResource password)
        : base(name, new ServerProgram("postgres", "postgresql", "postgres"), password)
    {
    }

    /// <inheritdoc/>
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.IPV4Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={UserName};Password={PasswordParameter}");

    /// <summary>The name of the data folder that outlives the run; null where the data does not.</summary>
    internal string? Volume { get; set; }

    internal List<PostgresProgramDatabaseResource> Databases { get; } = [];
}
