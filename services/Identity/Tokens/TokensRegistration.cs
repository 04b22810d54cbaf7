using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Connect;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>Registers and maps the issuing of tokens, and everything that they begin, go on and end with.</summary>
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
            .AddAccessTokenChecks()
            .AddSigningKeys()
            .AddSessions()
            .AddClients()
            .AddApiKeys()
            .AddSingleton<TokenIssuer>()
            .AddScoped<UserTokens>();
    }

    public static IEndpointRouteBuilder MapTokens(this IEndpointRouteBuilder routes) => routes
        .MapTokenEndpoints()
        .MapConnect()
        .MapSessions()
        .MapClients()
        .MapApiKeys()
        .MapSigningKeys()
        .MapRevocations();
}
