using KvAspire.AppHost.Services;
using Microsoft.Extensions.Hosting;

namespace KvAspire.AppHost.Lab;

/// <summary>
/// Commands that break the system on purpose, to see what an operator sees then: docs/how-to/failure-lab.md. Only an AppHost
/// that runs in the environment Development has them.
/// </summary>
internal static class FailureLab
{
    private static readonly string[] WithoutCache =
    [
        "Resources: cache is Unhealthy, up to half a minute later; gateway and data are Degraded, for they work without it.",
        "Structured logs: one warning of each replica, `Redis does not answer`.",
        "Traces of `GET /api/data/{key}`: Postgres in place of Redis; the header `Cache-Status` says so.",
        "Metrics: `kvaspire.redis.available` falls to 0, `kvaspire.cache.reads` counts `unavailable`.",
    ];

    private static readonly string[] WithoutPostgres =
    [
        "Resources: postgres, identity and data are Unhealthy, up to half a minute later. `/health` of the services is 503 before that.",
        "Traces: writes end with 503 after their time limit; reads of cached entries still succeed.",
        "Structured logs of data and identity: which commands of Postgres failed.",
        "Metrics: `db.client.connection.count`, `kvaspire.writes.waiting`, `kvaspire.writes.unknown_outcomes`.",
    ];

    /// <param name="builder">The application.</param>
    /// <param name="gateway">The gateway, with its public URL.</param>
    /// <param name="identity">The identity service.</param>
    /// <param name="data">The data service.</param>
    /// <param name="postgres">The database server.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="operatorRequests">Sends requests to the services' own ports.</param>
    public static void AddFailureLab(
        this IDistributedApplicationBuilder builder, (Service Service, ReferenceExpression Url) gateway, Service identity, Service data,
        IResourceBuilder<IResourceWithConnectionString> postgres, IResourceBuilder<IResourceWithConnectionString> cache, OperatorRequests operatorRequests)
    {
        if (!builder.ExecutionContext.IsRunMode || !builder.Environment.IsDevelopment())
            return;

        var password = builder
            .AddParameter("lab-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true)
            .WithDescription("Password of the users demo and load, whom the failure lab registers.");
        foreach (var replica in new[] { gateway.Service, identity, data }.SelectMany(service => service.Replicas))
            replica.WithLabCommand(ReplicaKill.Of(replica.Resource.Name));

        gateway.Service.Replicas[0]
            .WithLabCommand(new RequestLoad(new("load", "Load Generator", password.Resource, gateway.Url)).Command)
            .WithLabCommand(DemoData.Of(new("demo", "Demo User", password.Resource, gateway.Url)));
        identity.Each(replica => replica.WithLabCommand(KeyRotation.Of(replica, operatorRequests)));
        data.Each(replica => replica.WithLabCommand(HistoryCompaction.Of(replica, operatorRequests)));
        cache.WithPause("Requests go on without it.", WithoutCache)
            .WithLabCommand(CacheFlush.Of(cache.Resource))
            .WithLabCommand(new CacheDelay(cache.Resource).Command);
        postgres.WithPause("Writes and sign-ins fail until it resumes.", WithoutPostgres);
    }

    private static IResourceBuilder<T> WithPause<T>(this IResourceBuilder<T> server, string meaning, IReadOnlyList<string> watch)
        where T : IResource
    {
        var pause = new ServerPause(server.Resource.Name, meaning, watch);
        return server.WithLabCommand(pause.Pause).WithLabCommand(pause.Resume);
    }
}
