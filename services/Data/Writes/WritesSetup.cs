using KvAspire.Data.Idempotency;

namespace KvAspire.Data.Writes;

/// <summary>Registers the write path.</summary>
internal static class WritesSetup
{
    public static WebApplicationBuilder AddWrites(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WriteOptions>().BindConfiguration(WriteOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<WriteTable>()
            .AddSingleton<WritePublisher>()
            .AddSingleton<WriteMetrics>()
            .AddSingleton<WriteLanes>()
            .AddSingleton<IdempotentRequests>();
        return builder;
    }
}
