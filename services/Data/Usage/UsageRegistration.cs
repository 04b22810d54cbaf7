namespace KvAspire.Data.Usage;

/// <summary>Registers the usage.</summary>
internal static class UsageRegistration
{
    /// <summary>Adds what reads it.</summary>
    public static WebApplicationBuilder AddUsage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UsageTable>();
        return builder;
    }
}
