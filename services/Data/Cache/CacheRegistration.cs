using StackExchange.Redis;

namespace KvAspire.Data.Cache;

/// <summary>Registers Redis.</summary>
internal static class CacheRegistration
{
    /// <summary>Adds the client, its guard and its health check.</summary>
    public static WebApplicationBuilder AddCache(this WebApplicationBuilder builder)
    {
        // The client's own health check would call a service without its cache unhealthy, and block while it connects.
        builder.AddRedisClient("cache", settings => settings.DisableHealthChecks = true, Configure);
        builder.Services.AddHealthChecks().AddCheck<CacheHealth>("cache");
        builder.Services
            .AddSingleton<CacheGuard>()
            .AddSingleton<CacheConnection>()
            .AddHostedService(services => services.GetRequiredService<CacheConnection>())
            .AddHostedService<CacheProbe>();
        return builder;
    }

    // A cache that was away is used again within seconds.
    private static void Configure(ConfigurationOptions options)
    {
        options.ConnectTimeout = 1000;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
    }
}
