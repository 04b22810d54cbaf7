using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>Registers the issuing of tokens.</summary>
internal static class TokensRegistration
{
    public static IServiceCollection AddTokens(this IServiceCollection services)
    {
        services.AddOptions<AccessTokenOptions>()
            .BindConfiguration(AccessTokenOptions.Section)
            .Validate(
                options => Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme is "http" or "https",
                "Set Tokens:Issuer (in the environment: Tokens__Issuer) to the public URL of the gateway.")
            .ValidateOnStart();
        services.AddOptions<TokenOptions>()
            .BindConfiguration(AccessTokenOptions.Section)
            .Validate(
                options => options.Lifetime >= TimeSpan.FromSeconds(1) && options.Lifetime <= TimeSpan.FromDays(1),
                "Set Tokens:Lifetime to between a second and a day, or leave it out.")
            .ValidateOnStart();

        return services
            .AddSingleton<TokenIssuer>();
    }
}
