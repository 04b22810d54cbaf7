namespace KvAspire.Identity.ApiKeys;

/// <summary>Registers the API keys.</summary>
internal static class ApiKeysRegistration
{
    public static IServiceCollection AddApiKeys(this IServiceCollection services) =>
        services.AddSingleton<ApiKeyFormat>().AddScoped<ApiKeyStore>();
}
