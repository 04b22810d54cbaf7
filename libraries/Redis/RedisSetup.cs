using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvAspire.Redis;

/// <summary>Registers Redis.</summary>
public static class RedisSetup
{
    /// <summary>Adds the client of the connection <c>cache</c>, its guard, its health check and its spans.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="isOptional">Whether the service is healthy without a configured connection.</param>
    public static WebApplicationBuilder AddRedis(this WebApplicationBuilder builder, bool isOptional = false)
    {
        // Aspire's health check reports a service without Redis as unhealthy, and blocks while the client connects. Its tracing
        // costs every command a session, recorded or not; RedisSpans does not.
        builder.AddRedisClient("cache", settings => (settings.DisableHealthChecks, settings.DisableTracing) = (true, true), Configure);
        // The client's log of a failure contains the command, and so a user's key. RedisGuard logs outages.
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.None);
        builder.Services.AddOptions<RedisOptions>().BindConfiguration(RedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RedisGuard>().AddSingleton<RedisConnection>().AddRedisSpans();
        if (isOptional && string.IsNullOrEmpty(builder.Configuration.GetConnectionString("cache")))
            return builder;

        builder.Services.AddHealthChecks().AddCheck<RedisHealth>("cache");
        builder.Services.AddInstruments<RedisMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisConnection>()).AddHostedService<RedisProbe>();
        return builder;
    }

    // The service uses Redis again within seconds after an outage.
    private static void Configure(ConfigurationOptions options)
    {
        options.BacklogPolicy = BacklogPolicy.FailFast; // by default commands, and so requests, wait for a connection
        options.ConnectTimeout = 1000;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
    }
}
