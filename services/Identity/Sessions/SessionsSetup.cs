using KvAspire.Identity.Revocations;

namespace KvAspire.Identity.Sessions;

internal static class SessionsSetup
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(3650);

    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SessionOptions>()
            .BindConfiguration(SessionOptions.Section)
            .Validate(
                options => options.IdleLifetime > TimeSpan.Zero && options.IdleLifetime <= options.AbsoluteLifetime && options.AbsoluteLifetime <= Forever,
                "Set Sessions:IdleLifetime above 0, and Sessions:AbsoluteLifetime to at least that and at most ten years, or leave them out.")
            .Validate(
                options => options.Grace >= TimeSpan.Zero && options.Grace <= TimeSpan.FromMinutes(10),
                "Set Sessions:Grace to 0 to 10 minutes, or leave it out.")
            .Validate(
                options => options.RecentSignIn >= TimeSpan.Zero && options.RecentSignIn <= TimeSpan.FromDays(1),
                "Set Sessions:RecentSignIn to 0 to 1 day, or leave it out.")
            .Validate(options => options.MaxPerUser is > 0 and <= 10_000, "Set Sessions:MaxPerUser to between 1 and 10000, or leave it out.")
            .Validate(options => options.MaxUsedTokens is > 0 and <= 1_000_000, "Set Sessions:MaxUsedTokens to between 1 and 1000000, or leave it out.");

        return services.AddSingleton<TokenHolder>().AddScoped<SessionStore>().AddScoped<Refresh>().AddScoped<RevocationStore>().AddHostedService<RevocationWatch>().AddRevocationsHealth();
    }
}
