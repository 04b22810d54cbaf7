using KvAspire.Data.Changes.Compaction;
using KvAspire.Data.Changes.History;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Changes.Watch;
using KvAspire.ServiceDefaults.Services;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Changes;

/// <summary>Registers the change log with its readers: history, watches and compaction.</summary>
internal static class ChangesSetup
{
    public static WebApplicationBuilder AddChanges(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WatchOptions>().BindConfiguration(WatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<CompactionOptions>().BindConfiguration(CompactionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<ChangeLog>()
            .AddSingleton<KeyHistory>()
            .AddSingleton<WatchedOwners>()
            .AddInstruments<WatchMetrics>()
            .AddSingleton<ChangeNews>()
            .AddHostedService<ChangeNotifier>()
            .AddHostedService<ChangeListener>()
            .AddHostedService<ChangePoll>()
            .AddSingleton<ChangeCompaction>()
            .AddInstruments<CompactionMetrics>()
            .AddHostedService<ChangeCompactor>()
            .AddOperatorSecret();
        return builder;
    }

    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        routes.MapHistory();
        routes.MapWatch();
        routes.MapCompaction();
    }
}
