using KvAspire.Identity.Revocations;

namespace KvAspire.Identity.Sessions;

/// <summary>Registers the sessions.</summary>
internal static class SessionsRegistration
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(3650);

    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddOptions<SessionOptions>()
            .BindConfiguration(SessionOptions.Section)
            .Validate(
                options => options.IdleLifetime > TimeSpan.Zero && options.IdleLifetime <= options.AbsoluteLifetime && options.AbsoluteLifetime <= Forever,
                "Set Sessions:IdleLifetime and Sessions:AbsoluteLifetime to more than nothing, the first to no more than the second, or leave them out.")
            .Validate(
                options => options.Grace >= TimeSpan.Zero && options.Grace <= TimeSpan.FromMinutes(10),
                "Set Sessions:Grace to between nothing and ten minutes, or leave it out.")
            .Validate(options => options.MaxPerUser is > 0 and <= 10_000, "Set Sessions:MaxPerUser to between 1 and 10000, or leave it out.")
            .Validate(options => options.MaxUsedTokens is > 0 and <= 1_000_000, "Set Sessions:MaxUsedTokens to between 1 and 1000000, or leave it out.")
            .ValidateOnStart();

        return services.AddScoped<SessionStore>().AddScoped<Refresh>().AddScoped<RevocationStore>().AddHostedService<RevocationWatch>();
    }
}
