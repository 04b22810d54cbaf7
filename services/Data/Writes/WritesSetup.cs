using KvAspire.Data.Idempotency;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

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
            .AddInstruments<WriteMetrics>()
            .AddInstruments<LaneMetrics>()
            .AddSingleton<WriteLanes>()
            .AddSingleton<IdempotentRequests>();
        return builder;
    }
}
