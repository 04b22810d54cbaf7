namespace KvAspire.Data.Entries;

/// <summary>Registers the entries.</summary>
internal static class EntriesRegistration
{
    /// <summary>Adds the store with what it stands on, and its work in the background.</summary>
    public static WebApplicationBuilder AddEntries(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<EntryTable>()
            .AddSingleton<EntryCache>()
            .AddSingleton<EntryStore>()
            .AddSingleton<LostInvalidations>()
            .AddSingleton<CacheTrust>()
            .AddHostedService(services => services.GetRequiredService<CacheTrust>())
            .AddSingleton<CacheMetrics>()
            .AddHostedService<InvalidationRetry>()
            .AddHostedService<TombstoneSweeper>();
        return builder;
    }
}
