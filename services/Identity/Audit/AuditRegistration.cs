using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

/// <summary>Registers the audit log.</summary>
internal static class AuditRegistration
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>()
            .BindConfiguration(AuditOptions.Section)
            .Validate(
                options => options.KeepAddressesFor >= TimeSpan.Zero && options.KeepAddressesFor <= TimeSpan.FromDays(3650),
                "Set Audit:KeepAddressesFor to at most ten years, or leave it out.")
            .ValidateOnStart();
        return services
            .AddHttpContextAccessor()
            .AddSingleton<ClientAddress>()
            .AddScoped<AuditLog>()
            .AddSingleton<AddressErasure>()
            .AddHostedService(services => services.GetRequiredService<AddressErasure>());
    }
}
