namespace KvAspire.Identity.Connect;

internal static class ConnectSetup
{
    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<IntrospectionOptions>()
            .BindConfiguration(IntrospectionOptions.Section)
            .Validate(
                options => options.PerMinute is >= 0 and <= 100_000_000,
                "Set Introspection:PerMinute to between 0 and 100000000, or leave it out.");
        return services
            .AddSingleton<IntrospectionBudget>()
            .AddSingleton(new OAuthErrors(
                new[] { ConnectEndpoints.Token, ConnectEndpoints.Revocation, ConnectEndpoints.Introspection, ConnectEndpoints.UserInfo }.Select(path => $"/{path}")));
    }
}
