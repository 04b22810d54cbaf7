using KvAspire.Data.Idempotency;

namespace KvAspire.Data.Writes;

/// <summary>Registers the way of changes.</summary>
internal static class WritesRegistration
{
    /// <summary>Adds it.</summary>
    public static WebApplicationBuilder AddWrites(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WriteOptions>().BindConfiguration(WriteOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<WriteTable>()
            .AddSingleton<WritePublisher>()
            .AddSingleton<WriteMetrics>()
            .AddSingleton<WritePipeline>()
            .AddSingleton<OnceRequests>();
        return builder;
    }
}
