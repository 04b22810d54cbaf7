namespace KvAspire.Hosting.Containers;

/// <summary>The setting <c>Servers</c>: where Postgres and Redis run.</summary>
public enum ServerPlacement
{
    /// <summary>In containers where a container engine answers, as programs of this machine elsewhere.</summary>
    Auto,

    /// <summary>In Aspire's containers.</summary>
    Containers,

    /// <summary>As programs of this machine.</summary>
    Programs,
}

internal static class ServerPlacementExtensions
{
    private const string Setting = "Servers";

    /// <summary>Whether the servers run in containers. A published manifest always describes containers.</summary>
    public static bool UsesContainers(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return true;

        var setting = builder.Configuration[Setting];
        if (!Enum.TryParse<ServerPlacement>(setting ?? nameof(ServerPlacement.Auto), ignoreCase: true, out var placement) || !Enum.IsDefined(placement))
            throw new DistributedApplicationException($"The setting {Setting} must be Auto, Containers or Programs; it is '{setting}'.");

        return placement is ServerPlacement.Containers || (placement is ServerPlacement.Auto && ContainerEngine.Answers);
    }
}
