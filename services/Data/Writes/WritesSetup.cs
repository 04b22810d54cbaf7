using KvAspire.Data.Batches;
using KvAspire.Data.Database;
using KvAspire.Data.Idempotency;
using KvAspire.Database;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.Extensions.Options;

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
            .AddSingleton<IdempotentRequests>()
            .AddSingleton<BatchFailures>()
            .AddFunctionProbe("write_function", DatabaseSetup.ConnectionStringOf, services =>
            {
                var quota = services.GetRequiredService<IOptions<QuotaOptions>>().Value;
                return connection => WriteFunction.Of(connection, WriteBatch.Of([]), quota); // nothing to lock, nothing to store
            });
        return builder;
    }
}
