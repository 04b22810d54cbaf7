using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Cache;

/// <summary>Registers the cache of entries (docs/explanations/cache.md).</summary>
internal static class CacheSetup
{
    public static WebApplicationBuilder AddEntryCache(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<EntryCache>()
            .AddSingleton<LostInvalidations>()
            .AddSingleton<CacheTrust>()
            .AddHostedService(services => services.GetRequiredService<CacheTrust>())
            .AddInstruments<CacheMetrics>()
            .AddInstruments<TrustMetrics>()
            .AddSingleton<CacheErasure>()
            .AddHostedService<InvalidationRetry>();
        return builder;
    }
}
