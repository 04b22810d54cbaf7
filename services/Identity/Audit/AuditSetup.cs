using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AuditOptions>()
            .BindConfiguration(AuditOptions.Section)
            .Validate(
                options => options.KeepAddressesFor >= TimeSpan.Zero && options.KeepAddressesFor <= TimeSpan.FromDays(3650),
                "Set Audit:KeepAddressesFor to at most ten years, or leave it out.");
        return services
            .AddHttpContextAccessor()
            .AddSingleton<ClientAddress>()
            .AddScoped<AuditLog>()
            .AddSingleton<RetentionSweeper>()
            .AddHostedService(services => services.GetRequiredService<RetentionSweeper>());
    }
}
