namespace KvAspire.Identity.ApiKeys;

internal static class ApiKeysSetup
{
    public static IServiceCollection AddApiKeys(this IServiceCollection services) =>
        services.AddSingleton<ApiKeyFormat>().AddScoped<ApiKeyStore>();
}
