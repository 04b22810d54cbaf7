using KvAspire.Hosting.Programs;

namespace KvAspire.Hosting.Redis;

/// <summary>A Redis server that runs as a program of this machine.</summary>
public sealed class RedisProgramResource : ServerProgramResource
{
    internal RedisProgramResource(string name, ParameterResource password)
        : base(name, new ServerProgram("redis-server", "redis-server", "redis"), password)
    {
    }

    /// <inheritdoc/>
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{PrimaryEndpoint.Property(EndpointProperty.IPV4Host)}:{PrimaryEndpoint.Property(EndpointProperty.Port)},password={PasswordParameter}");
}
