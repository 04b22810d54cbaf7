using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Connect;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.SealedSecrets;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.Tokens;

internal static class TokensSetup
{
    public static IServiceCollection AddTokens(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AccessTokenOptions>()
            .BindConfiguration(AccessTokenOptions.Section)
            .Validate(
                options => Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme is "http" or "https",
                "Set Tokens:Issuer (in the environment: Tokens__Issuer) to the public URL of the gateway.");
        services.AddOptionsWithValidateOnStart<TokenOptions>()
            .BindConfiguration(AccessTokenOptions.Section)
            .Validate(
                options => IsLifetime(options.Lifetime) && IsLifetime(options.AdminLifetime),
                "Set Tokens:Lifetime and Tokens:AdminLifetime to 1 second to 1 day, or leave them out.");

        return services
            .AddSealedSecrets()
            .AddAccessTokenChecks()
            .AddSigningKeys()
            .AddSessions()
            .AddClients()
            .AddApiKeys()
            .AddConnect()
            .AddSingleton<TokenIssuer>()
            .AddInstruments<IssuanceMetrics>()
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

    private static bool IsLifetime(TimeSpan time) => time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromDays(1);
}
