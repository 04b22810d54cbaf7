namespace KvAspire.Data.Entries;

/// <summary>Registers the store of entries and the sweeper.</summary>
internal static class EntriesSetup
{
    public static WebApplicationBuilder AddEntries(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<EntryTable>()
            .AddSingleton<EntryStore>()
            .AddHostedService<TombstoneSweeper>();
        return builder;
    }
}
