using System.ComponentModel.DataAnnotations;
using KvAspire.ServiceDefaults.Health;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>Limits the wait for services at the start. Section <c>Startup</c>.</summary>
internal sealed class StartupOptions
{
    public const string Section = "Startup";

    /// <summary>After this time the gateway is ready even if a service is missing, so that clients reach the others.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Startup:Patience must be between 00:00:00 and 00:10:00.")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>
/// Reports the gateway ready once every service has been healthy, so that an operator who starts the system and waits for the
/// gateway finds all of it ready. A service that fails later does not change readiness: only its routes answer 503.
/// </summary>
internal sealed partial class StartupReadiness(
    IProxyStateLookup proxy, IOptions<StartupOptions> options, TimeProvider time, ILogger<StartupReadiness> logger)
    : BackgroundService, IHealthCheck
{
    private const string Health = "/health";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200), ProbeTimeout = TimeSpan.FromSeconds(3);

    private volatile string[] missing = options.Value.Patience > TimeSpan.Zero ? Ids(proxy.GetClusters()) : [];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(missing is []
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"The gateway waits for {string.Join(", ", missing)}."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var untraced = BackgroundRound.Begin("kvaspire.start", time);
        var (clusters, patience, began) = (proxy.GetClusters().ToList(), options.Value.Patience, time.GetTimestamp());
        while (clusters.Count > 0 && time.GetElapsedTime(began) < patience)
        {
            foreach (var cluster in clusters.ToList())
            {
                if (await IsHealthyAsync(cluster, stoppingToken))
                    clusters.Remove(cluster);
            }

            missing = Ids(clusters);
            await Task.Delay(Interval, time, stoppingToken);
        }

        if (missing is not [])
            Log.Missing(logger, string.Join(", ", missing));
        missing = [];
    }

    private static string[] Ids(IEnumerable<ClusterState> clusters) => [.. clusters.Select(cluster => cluster.ClusterId)];

    // One healthy replica is enough. The request is the same as YARP's own probes.
    private static async Task<bool> IsHealthyAsync(ClusterState cluster, CancellationToken stoppingToken)
    {
        foreach (var replica in cluster.Destinations.Values)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            timeout.CancelAfter(ProbeTimeout);
            var version = cluster.Model.Config.HttpRequest!;
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(replica.Model.Config.Address), Health))
            {
                Version = version.Version!,
                VersionPolicy = version.VersionPolicy!.Value,
            };
            try
            {
                using var response = await cluster.Model.HttpClient.SendAsync(request, timeout.Token);
                if (response.IsSuccessStatusCode)
                    return true;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                stoppingToken.ThrowIfCancellationRequested();
            }
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ReadyWithoutService, LogLevel.Warning, "The gateway is ready without {Services}, which did not become healthy in time.", EventName = nameof(EventIds.ReadyWithoutService))]
        public static partial void Missing(ILogger logger, string services);
    }
}

internal static class StartupReadinessSetup
{
    public static void AddStartupReadiness(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StartupOptions>()
            .BindConfiguration(StartupOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<StartupReadiness>()
            .AddHostedService(services => services.GetRequiredService<StartupReadiness>());
        builder.Services.AddHealthChecks().AddCheck<StartupReadiness>("startup", tags: [HealthChanges.Expected]);
    }
}
