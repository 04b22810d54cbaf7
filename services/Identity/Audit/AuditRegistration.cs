using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

/// <summary>Registers the audit log.</summary>
internal static class AuditRegistration
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddHttpContextAccessor()
        .AddSingleton<ClientAddress>()
        .AddScoped<AuditLog>();
}
