using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Data.Owners;

/// <summary>Registers usage, export and erasure of owners.</summary>
internal static class OwnersSetup
{
    public static WebApplicationBuilder AddOwners(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<UsageTable>()
            .AddSurvey<QuotaSurvey>()
            .AddSingleton<OwnerErasure>()
            .AddHostedService<ErasedOwnersSweeper>();
        return builder;
    }

    public static void MapOwners(this IEndpointRouteBuilder routes)
    {
        routes.MapUsage();
        routes.MapExportAndErasure();
    }
}
