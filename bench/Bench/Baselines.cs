using System.Reflection;
using StackExchange.Redis;

namespace KvAspire.Bench;

/// <summary>
/// Bare YARP → Kestrel → one Redis GET on the system's Redis, with HTTP/1.1 or HTTP/2 between YARP and Kestrel. The orchestrator
/// starts these processes like the services, since the kernel schedules by session (<c>sched_autogroup_enabled</c>).
/// </summary>
internal static class Baselines
{
    public const string Http1 = "1.1", Http2 = "2";

    public static void AddTo(IDistributedApplicationTestingBuilder builder)
    {
        var cache = builder.CreateResourceBuilder((IResourceWithConnectionString)builder.Resources.Single(resource => resource.Name == "cache"));
        foreach (var version in new[] { Http1, Http2 })
        {
            var backend = Add(builder, $"backend-{Name(version)}").WithReference(cache);
            backend.WithArgs(context => Add(context.Args, "backend", Port(backend), version));
            var proxy = Add(builder, Name(version));
            proxy.WithArgs(context => Add(context.Args, "proxy", Port(proxy), version, backend.GetEndpoint("http")));
        }
    }

    /// <summary>Stores values as long as our responses, and waits until the proxy answers.</summary>
    /// <returns>The proxy's address.</returns>
    public static async Task<Uri> OpenAsync(SystemUnderLoad system, string version, int keys)
    {
        using (var connection = await ConnectionMultiplexer.ConnectAsync(await system.ConnectionStringAsync("cache")))
        {
            var value = $$$"""{"status":"success","data":{"key":"k10000","value":"{{{new string('x', 98)}}}"}}""";
            await Task.WhenAll(Enumerable.Range(1, keys).Select(number => connection.GetDatabase().StringSetAsync($"/b{number}", value)));
        }

        var address = system.Address(Name(version));
        await Readiness.WaitAsync(address, "/b1");
        return address;
    }

    private static string Name(string version) => $"baseline-{version.Replace(".", "-", StringComparison.Ordinal)}";

    private static IResourceBuilder<ExecutableResource> Add(IDistributedApplicationTestingBuilder builder, string name) =>
        builder.AddExecutable(name, "dotnet", ".").WithHttpEndpoint(name: "http", isProxied: false);

    private static EndpointReferenceExpression Port(IResourceBuilder<ExecutableResource> baseline) => baseline.GetEndpoint("http").Property(EndpointProperty.TargetPort);

    private static void Add(IList<object> arguments, params object[] own)
    {
        arguments.Add(typeof(Baselines).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Baseline").Value!);
        foreach (var argument in own)
            arguments.Add(argument);
    }
}
