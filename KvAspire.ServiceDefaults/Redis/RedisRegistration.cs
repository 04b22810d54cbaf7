using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>Registers Redis.</summary>
public static class RedisRegistration
{
    /// <summary>Adds the client of the connection <c>cache</c>, its guard and its health check.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="isOptional">Whether to do without where the connection is not configured, and to be well all the same.</param>
    public static WebApplicationBuilder AddRedis(this WebApplicationBuilder builder, bool isOptional = false)
    {
        // The client's own health check would call a service without it unhealthy, and block while it connects.
        builder.AddRedisClient("cache", settings => settings.DisableHealthChecks = true, Configure);
        builder.Services.AddOptions<RedisOptions>().BindConfiguration(RedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RedisGuard>().AddSingleton<RedisConnection>();
        if (isOptional && string.IsNullOrEmpty(builder.Configuration.GetConnectionString("cache")))
            return builder;

        builder.Services.AddHealthChecks().AddCheck<RedisHealth>("cache");
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisConnection>()).AddHostedService<RedisProbe>();
        return builder;
    }

    // A Redis that was away is used again within seconds.
    private static void Configure(ConfigurationOptions options)
    {
        options.ConnectTimeout = 1000;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
    }
}
