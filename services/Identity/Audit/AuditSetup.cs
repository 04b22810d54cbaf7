using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AuditOptions>()
            .BindConfiguration(AuditOptions.Section)
            .Validate(
                options => options.KeepAddressesFor >= TimeSpan.FromDays(1) && options.KeepAddressesFor <= TimeSpan.FromDays(3650),
                "Set Audit:KeepAddressesFor to a day to ten years, or leave it out.")
            .Validate(
                options => options.Retention >= TimeSpan.FromDays(31) && options.Retention <= TimeSpan.FromDays(3650)
                    && options.RepetitionWindow >= TimeSpan.FromSeconds(1) && options.RepetitionWindow <= AuditOptions.LongestWindow,
                "Set Audit:Retention to 31 days to ten years, and Audit:RepetitionWindow to a second to a day, or leave them out.");
        return services
            .AddHttpContextAccessor()
            .AddSingleton<ClientAddress>()
            .AddScoped<AuditLog>()
            .AddSingleton<RetentionSweeper>()
            .AddHostedService(services => services.GetRequiredService<RetentionSweeper>());
    }
}
