namespace KvAspire.Identity.Clients;

internal static class ClientsSetup
{
    public static IServiceCollection AddClients(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ClientOptions>()
            .Configure<IConfiguration>((options, configuration) =>
                options.All = configuration.GetSection(ClientOptions.Section).Get<List<ConfiguredClient>>() ?? [])
            .Validate(
                options => options.AreSound,
                "Each of Clients needs an Id (3 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter) of its own, a Secret of 32 "
                + "characters or more, a Scope of kv:read, kv:write, kv:admin, and at most 8 Audiences of 1 to 100 visible characters.");
        return services.AddSingleton<RefusedClients>().AddScoped<ClientStore>().AddHostedService<ConfiguredClientIds>();
    }
}
