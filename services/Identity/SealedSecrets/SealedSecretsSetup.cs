using KvAspire.Identity.SigningKeys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace KvAspire.Identity.SealedSecrets;

internal static class SealedSecretsSetup
{
    // Replicas with another name would not read one another's payloads.
    private const string Application = "kvaspire";

    /// <summary>Registers Data Protection and the secrets of all replicas.</summary>
    public static IServiceCollection AddSealedSecrets(this IServiceCollection services)
    {
        services.AddSealedSecretStore().AddHostedService<SealedSecretsLoader>(); // before Data Protection's own loader

        // It does not see that the repository encrypts, and would warn of keys in clear.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddDataProtection().SetApplicationName(Application);
        services.AddOptions<KeyManagementOptions>().Configure<IServiceScopeFactory, KeyEncryption, TimeProvider>(
            (options, scopes, encryption, clock) => options.XmlRepository = new DataProtectionKeys(scopes, encryption, clock));
        return services;
    }

    /// <summary>Registers what reads and writes encrypted secrets.</summary>
    public static IServiceCollection AddSealedSecretStore(this IServiceCollection services) =>
        services.AddKeyEncryption().AddScoped<SealedSecretStore>();
}
