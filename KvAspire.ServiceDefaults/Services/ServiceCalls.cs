using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.ServiceDiscovery;
using Polly;
using Polly.Telemetry;

namespace KvAspire.ServiceDefaults.Services;

/// <summary>
/// HTTP calls between services, which prove themselves by the <see cref="ServiceSecret"/>. Service discovery finds the replicas
/// (<c>services:&lt;name&gt;:http:&lt;n&gt;</c>). A call that fails at one replica goes to the next at once.
/// </summary>
public static class ServiceCalls
{
    // Detects a lost machine where an attempt has no time limit. The gateway's forwarding uses the same value.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    internal static IServiceCollection AddServiceCalls(this IServiceCollection services)
    {
        // The meter Polly counts attempts. A log line for each would flood the log during an outage; callers log once.
        services.PostConfigure<TelemetryOptions>(telemetry => telemetry.LoggerFactory = NullLoggerFactory.Instance);
        return services.AddServiceDiscovery();
    }

    /// <summary>
    /// Makes a client call a service, each replica at most once. Only for requests that are safe to repeat: the client retries
    /// after a lost connection, a time-out, 408, 429 and 5xx. The caller gets the last failure.
    /// </summary>
    /// <param name="client">The client. Its handler is never replaced, so a singleton may keep the client.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="timeout">
    /// The time limit of each attempt, up to the last byte of a response of at most 1 MiB; after it the call throws
    /// <see cref="Polly.Timeout.TimeoutRejectedException"/>. Without a limit responses stream, and
    /// <see cref="HttpClient.Timeout"/> limits all attempts together.
    /// </param>
    public static IHttpClientBuilder CallService(this IHttpClientBuilder client, string service, TimeSpan? timeout = null)
    {
        client.Services.AddServiceSecret();
        client
            .RemoveAllLoggers()
            .ConfigureHttpClient((services, http) =>
            {
                services.GetRequiredService<ServiceSecret>().AddTo(http.DefaultRequestHeaders);
                // The endpoint http, by either scheme. The endpoint h2c is for the gateway's forwarding.
                http.BaseAddress = new($"https+http://_http.{service}");
                if (timeout is not null)
                    http.Timeout = Timeout.InfiniteTimeSpan;
            })
            .UseSocketsHttpHandler((handler, _) =>
            {
                handler.ConnectTimeout = ConnectTimeout;
                handler.AllowAutoRedirect = false; // the secret is for the service alone
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2); // a name may resolve to other replicas later
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .AddResilienceHandler("replicas", (pipeline, context) =>
            {
                var replicas = Addresses(context.ServiceProvider.GetRequiredService<IConfiguration>(), service).Count();
                if (replicas > 1)
                    pipeline.AddRetry(OncePerReplica(replicas));
                if (timeout is { } limit)
                    pipeline.AddTimeout(limit);
            });
        if (timeout is not null)
            client.AddHttpMessageHandler(_ => new WholeAnswers());
        return client.AddHttpMessageHandler(services => new ReplicaTurns(services.GetRequiredService<ServiceEndpointResolver>()));
    }

    /// <summary>Whether the configuration has valid addresses of a service: one for each replica, or one for all.</summary>
    public static bool HasAddresses(IConfiguration configuration, string service) =>
        Addresses(configuration, service).ToArray() is { Length: > 0 } addresses
        && addresses.All(address => Uri.TryCreate(address.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https");

    private static IEnumerable<IConfigurationSection> Addresses(IConfiguration configuration, string service) =>
        configuration.GetSection($"services:{service}:http").GetChildren();

    // Ignores Retry-After: it concerns the replica that sent it, and the next attempt goes to another.
    private static HttpRetryStrategyOptions OncePerReplica(int replicas) => new()
    {
        MaxRetryAttempts = replicas - 1,
        Delay = TimeSpan.Zero,
        ShouldRetryAfterHeader = false,
        BackoffType = DelayBackoffType.Constant,
        UseJitter = false,
    };
}
